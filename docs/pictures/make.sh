#!/usr/bin/env bash
# Makes the images and videos of README.md and docs/*.md again: each image is the window after a script of the folder
# scripts/, the videos play the sessions of assets/demos/. Run from the project's root: make pictures
# Needs pngquant; the videos are kept small with ffmpeg (apt install pngquant ffmpeg), without it they are larger.
set -euo pipefail
program=${1:?the program}
folder=docs/pictures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gif_fps=8

has() {
    command -v "$1" >/dev/null || { echo "$1 is not installed, so $2 stays large: apt install $1" >&2; return 1; }
}

# At most 256 colours: a screenshot shrinks to less than a third and looks the same. It loses its session, which has
# paths of this machine.
shrink_png() {
    pngquant --speed 1 --strip --quality 0-95 --force --output "$1" 256 "$1"
}

# Recordings have a key frame every second, for scrubbing; documents need fewer. Metadata stay.
encode_mp4() {
    has ffmpeg "$2" || { cp "$1" "$2"; return 0; }
    ffmpeg -v error -y -i "$1" -map_metadata 0 -c:v libx264 -preset slow -crf 26 -g 300 -pix_fmt yuv420p \
        -movflags +faststart+use_metadata_tags "$2"
}

# One palette for all frames, without dithering: only what moves is stored anew.
encode_gif() {
    ffmpeg -v error -y -framerate "$gif_fps" -pattern_type glob -i "$1/*.png" -filter_complex \
        'scale=960:-1:flags=lanczos,split[a][b];[a]palettegen=stats_mode=full[p];[b][p]paletteuse=dither=none:diff_mode=rectangle' \
        "$2"
}

command -v pngquant >/dev/null || { echo "pngquant is not installed: apt install pngquant" >&2; exit 1; }
for script in "$folder"/scripts/*.json; do
    rm -f /tmp/orbit.mp4  # What the script recorded.json records.
    "$program" --window 1280x800 --script "$script" --screenshot "$folder/$(basename "$script" .json).png"
done
"$program" demo -o "$work/demo"
cp "$work/demo/views.png" "$folder/novel-views.png"
for image in "$folder"/*.png; do
    shrink_png "$image"
done

"$program" record --session assets/demos/tour.json --fps 25 --quality 12 -o "$work/demo.mp4"
encode_mp4 "$work/demo.mp4" "$folder/demo.mp4"
if has ffmpeg "$folder/demo.gif"; then
    "$program" record --session assets/demos/glimpse.json --fps "$gif_fps" -o "$work/frames"
    encode_gif "$work/frames" "$folder/demo.gif"
else
    "$program" record --session assets/demos/glimpse.json --fps "$gif_fps" -o "$folder/demo.gif"
fi
du -ch "$folder"/*.png "$folder"/*.gif "$folder"/*.mp4 "$folder"/*.svg | tail -n 1
