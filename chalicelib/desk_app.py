"""The Chalice app of the desk: its blueprints, and nothing else."""

from chalice.app import Chalice

from chalicelib.routes.desk import (
    account,
    alert_progress,
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
    signature_export,
    signatures,
    switches,
    trail,
    update_looks,
    update_sending,
    update_steps,
    update_texts,
    updates,
    writing,
    writing_pictures,
    writing_texts,
)

app = Chalice(app_name="zaklik-desk")
app.experimental_feature_flags.update(["BLUEPRINTS"])
app.api.binary_types.append("multipart/form-data")
for module in (
    account,
    alert_progress,
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
    signature_export,
    signatures,
    switches,
    trail,
    update_looks,
    update_sending,
    update_steps,
    update_texts,
    updates,
    writing,
    writing_pictures,
    writing_texts,
):
    app.register_blueprint(module.blueprint)
