"""The Chalice app: its blueprints, and nothing else."""

from chalice.app import Chalice

from chalicelib import logs
from chalicelib.routes import events, petitions, signing, subscribing, withdrawing

logs.configure()

app = Chalice(app_name="zaklik")
app.experimental_feature_flags.update(["BLUEPRINTS"])
for room in (petitions, signing, subscribing, withdrawing, events):
    app.register_blueprint(room.blueprint)
