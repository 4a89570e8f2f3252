"""The sandbox's own judge: measures files, decides the answer, renders the video. Never uses prep's rules."""
