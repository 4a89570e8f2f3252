#!/bin/sh
# The best script we could write by hand for the job in sound.py: the same encoder, seeking in the input, a fade at each
# cut, two at once, and one full read of each output as a check. FFMPEG, IN, OUT come from sound.py.
set -eu

cut() { # SECONDS-IN SECONDS FADE-AT INPUT OUTPUT CODEC...
    start=$1 seconds=$2 fade=$3 input=$4 output=$5
    shift 5
    "$FFMPEG" -nostdin -v error -y -ss "$start" -i "$IN/$input" -t "$seconds" -map 0:a:0 \
        -af "afade=t=in:d=0.01,afade=t=out:st=$fade:d=0.01" \
        -ar 44100 -ac 2 "$@" -map_metadata -1 "$OUT/$output"
    "$FFMPEG" -nostdin -v error -i "$OUT/$output" -map 0 -c copy -f null -
}

cut 60.3 5 4.99 song.mp3 1.mp3 -c:a libmp3lame -q:a 0 &
FIRST=$!
{
    cut 20.3 5 4.99 memo.m4a 2.mp3 -c:a libmp3lame -q:a 0
    cut 10.3 4.5 4.49 take.wav 3.wav -c:a pcm_s16le
} &
wait $FIRST
wait $!
