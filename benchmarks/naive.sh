#!/bin/sh
# A first attempt at the same job: one after the other, seeking after decoding, tone mapping at full size with the
# recipe that everybody copies, a slower preset in the hope of quality, everything probed before and after.
# FFMPEG, IN, OUT come from prep.py.
set -eu

look() { "$FFMPEG" -hide_banner -i "$1" >/dev/null 2>&1 || true; }

encode() { # SECONDS-IN FILTERS INPUT OUTPUT
    look "$IN/$3"
    "$FFMPEG" -nostdin -v error -y -i "$IN/$3" -ss "$1" -t 5 -vf "$2" \
        -c:v libx264 -preset medium -crf 20 -pix_fmt yuv420p -c:a aac "$OUT/$4"
    look "$OUT/$4"
}

SDR="zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709"
SDR="$SDR,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p"

encode 3.4 "$SDR,scale=1280:720" phone-4k60-hlg.mov 1.mp4
encode 31.3 "scale=1280:720" wide-1080p30.mp4 2.mp4
encode 8.7 "scale=720:1280" upright-1080p30.mov 3.mp4
