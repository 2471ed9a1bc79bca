"""The Chalice app: its blueprints, and nothing else."""

from chalice.app import Chalice

from chalicelib import logs
from chalicelib.routes import (
    blocking,
    events,
    feeds,
    gates,
    managing,
    petitions,
    security_txt,
    sharing,
    signing,
    statics,
    subscribing,
)

logs.configure()

app = Chalice(app_name="zaklik")
app.experimental_feature_flags.update(["BLUEPRINTS"])
for room in (
    petitions,
    feeds,
    sharing,
    signing,
    subscribing,
    blocking,
    managing,
    statics,
    gates,
    security_txt,
    events,
):
    app.register_blueprint(room.blueprint)
