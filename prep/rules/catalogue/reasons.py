"""Reasons that many rules share."""

BY_ENDPOINT = "The endpoint refuses the request after the upload."
BY_PROVIDER = "The provider of the model refuses the request, after the upload and the queue."
PUBLIC_URL = "Anyone with the URL of the uploaded file can read it."
NEAR_SILENCE = "Near silence is anything below −50 LUFS, 27 LU under the EBU R 128 broadcast level (our judgement)."
LOOKED_INTO = "Found by `plan`, `prep`, `run` and `check --thorough`, which decode the file."
FACES = (
    "Refused pictures of real people are the most common complaint about these endpoints; the provider trusts only "
    "unchanged videos that its own models generated. A face detector can't tell a photograph from a good "
    "drawing, and it sees only frontal faces. Found in local files by `run`, `submit` and `check --thorough`, with the "
    "optional extra smartcrop (pip install 'prep-and-submit[smartcrop]')."
)
DECODED = "Found by `prep` and `run` in a file that they re-encode, not in one that is sent unchanged."
