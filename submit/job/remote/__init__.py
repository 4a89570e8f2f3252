"""Exchange of a job with the platform: uploads, the one POST, its answer, the video. Imports no lifecycle."""
