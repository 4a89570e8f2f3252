"""Headers to MediaInfo, without decoding the content. Imports the other rooms of media but analysis."""
