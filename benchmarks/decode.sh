#!/bin/sh
# The lower bound: decodes the wanted seconds, two at once, and drops them. FFMPEG, IN come from prep.py.
set -eu

decode() { # SECONDS-IN INPUT
    "$FFMPEG" -nostdin -v error -ss "$1" -i "$IN/$2" -t 5 -map 0:v:0 -f null -
}

decode 3.4 phone-4k60-hlg.mov &
FIRST=$!
{
    decode 31.3 wide-1080p30.mp4
    decode 8.7 upright-1080p30.mov
} &
wait $FIRST
wait $!
