#!/usr/bin/env bash
# Draws the icon at the usual sizes into icons/, from the two SVG files here. The images are part of the repository, so
# that a build needs no rsvg-convert (apt install librsvg2-bin): run this after a change of the drawings.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p icons
rsvg-convert -w 16 lactscope-small.svg -o icons/16.png
for size in 24 32 48 64 128 256; do
    rsvg-convert -w "$size" lactscope.svg -o "icons/$size.png"
done
du -bch icons/*.png | tail -n 1
