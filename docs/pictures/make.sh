#!/usr/bin/env bash
# Makes the pictures of README.md and first-steps.md again: each is the window after its script of the folder
# scripts/, the films are those of assets/demos/. Run from the project's root: make pictures
set -euo pipefail
program=${1:?the program}
folder=docs/pictures
for script in "$folder"/scripts/*.json; do
    "$program" --window 1280x800 --script "$script" --screenshot "$folder/$(basename "$script" .json).png"
done
rm -f /tmp/orbit.mp4  # What the script recorded.json films.
"$program" record --session assets/demos/tour.json -o "$folder/demo.mp4"
"$program" record --session assets/demos/glimpse.json --fps 12 -o "$folder/demo.gif"
