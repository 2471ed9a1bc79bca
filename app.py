"""The Chalice app: its blueprints, and nothing else."""

from chalice.app import Chalice

from chalicelib.routes import logs
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
):
    app.register_blueprint(module.blueprint)
