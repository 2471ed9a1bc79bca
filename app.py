"""The Chalice app: its blueprints, and nothing else."""

from chalice.app import Chalice

from chalicelib.routes import logs
from chalicelib.routes.desk import desk
from chalicelib.routes.events import queues, schedules, ses_feedback, streams
from chalicelib.routes.pages import proof_gate
from chalicelib.routes.public import (
    amendments,
    assets,
    blocking,
    feeds,
    petitions,
    pictures,
    security_txt,
    self_service,
    sharing,
    signing,
    subscribing,
    unsubscribing,
)

logs.configure()

app = Chalice(app_name="zaklik")
app.experimental_feature_flags.update(["BLUEPRINTS"])
# Files that organisers upload are bytes; of other types, API Gateway hands over text.
app.api.binary_types.append("multipart/form-data")
for module in (
    petitions,
    amendments,
    feeds,
    sharing,
    pictures,
    signing,
    subscribing,
    unsubscribing,
    blocking,
    self_service,
    assets,
    proof_gate,
    security_txt,
    queues,
    streams,
    schedules,
    ses_feedback,
    desk,
):
    app.register_blueprint(module.blueprint)
