"""The Chalice app of the desk: its blueprints, and nothing else."""

from chalice.app import Chalice

from chalicelib.routes.desk import hand_in, home

app = Chalice(app_name="zaklik-desk")
app.experimental_feature_flags.update(["BLUEPRINTS"])
app.api.binary_types.append("multipart/form-data")
for module in (home, hand_in):
    app.register_blueprint(module.blueprint)
