"""The Chalice app of the desk: its blueprints, and nothing else."""

from chalice.app import Chalice

from chalicelib.routes.desk import (
    account,
    beginning,
    closing,
    draft_folders,
    draft_versions,
    entry,
    hand_in,
    held,
    home,
    keys,
    opening,
    overview,
    people,
    petition_previews,
    switches,
    trail,
    writing,
    writing_pictures,
    writing_texts,
)

app = Chalice(app_name="zaklik-desk")
app.experimental_feature_flags.update(["BLUEPRINTS"])
app.api.binary_types.append("multipart/form-data")
for module in (
    account,
    beginning,
    closing,
    draft_folders,
    draft_versions,
    entry,
    hand_in,
    held,
    home,
    keys,
    opening,
    overview,
    people,
    petition_previews,
    switches,
    trail,
    writing,
    writing_pictures,
    writing_texts,
):
    app.register_blueprint(module.blueprint)
