"""Facts that only decoding shows: cuts, sharpness, speech, loudness, faces. Imports the other rooms of media."""
