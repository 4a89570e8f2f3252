#!/bin/sh
# The best script we could write by hand for the job in job.py: the tool's encoder settings, seeking in the input,
# scaling before tone mapping, two at once, and one full read of each output as a check.
# FFMPEG, IN, OUT, PRESET, CRF come from prep.py.
set -eu

encode() { # SECONDS-IN FILTERS INPUT OUTPUT
    "$FFMPEG" -nostdin -v error -y -ss "$1" -i "$IN/$3" -t 5 -map 0:v:0 -map 0:a:0 -vf "$2,format=yuv420p" \
        -c:v libx264 -preset "$PRESET" -crf "$CRF" -maxrate 24400k -bufsize 12200k \
        -colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv \
        -c:a aac -b:a 160k -map_metadata -1 -movflags +faststart "$OUT/$4"
    "$FFMPEG" -nostdin -v error -i "$OUT/$4" -map 0 -c copy -f null -
}

SDR="zscale=w=1280:h=720:filter=lanczos:t=linear:npl=203,format=gbrpf32le,zscale=p=bt709"
SDR="$SDR,tonemap=mobius:desat=0:peak=4.926,zscale=t=bt709:m=bt709:r=limited"

encode 3.4 "$SDR" phone-4k60-hlg.mov 1.mp4 &
FIRST=$!
{
    encode 31.3 "scale=1280:720:flags=lanczos" wide-1080p30.mp4 2.mp4
    encode 8.7 "scale=720:1280:flags=lanczos" upright-1080p30.mov 3.mp4
} &
wait $FIRST
wait $!
