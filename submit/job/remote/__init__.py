"""Exchange of a job with the platform: uploads, the one POST, its answer, the video. Doesn't import `next_step`."""
