"""The sandbox's own judgement: measures files, decides the answer, renders the video. Never uses prep's rules."""
