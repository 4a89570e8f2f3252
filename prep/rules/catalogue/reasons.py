"""Reasons that many rules share."""

BY_ENDPOINT = "The endpoint refuses the request after the upload."
BY_PROVIDER = "The provider of the model refuses the request, after the upload and the queue."
AREA = "Each side and the aspect ratio have limits of their own."
CHOICE = f"{BY_ENDPOINT} Which to leave out is your choice; `prep` drops nothing."
PUBLIC_URL = "Anyone with the URL of the uploaded file can read it."
NEAR_SILENCE = "Anything below −50 LUFS counts as nearly silent (our judgement)."
LOOKED_INTO = "Found by `plan`, `prep`, `run` and `check --thorough`, which decode the file."
FACES = (
    "The provider refuses many pictures of real people; it accepts real-looking people only in unchanged videos made "
    "by its own models. The detector sees only frontal faces and can't tell a photograph from a good drawing. Found in "
    "local files by `run`, `submit` and `check --thorough`, with the extra smartcrop (pip install "
    "'prep-and-submit[smartcrop]')."
)
DECODED = "Found by `check --thorough`, and by `prep` and `run` in a file that they re-encode."
