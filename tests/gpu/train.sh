#!/usr/bin/env bash
# Trains a configuration for a given time on the GPU: at a constant learning rate, then a decay branch with a quarter of
# the time, whose averaged weights are the result.
#   train.sh OUT SECONDS [CONFIG [INIT]]
# CONFIG: assets/train/vehicles_more.json, which begins with the bundled weights; INIT: other initial weights, none: from
# scratch. The result is OUT/weights.safetensors with curve.csv, config.json and sheets beside it; the checkpoints of
# both runs stay in OUT/runs.
set -euo pipefail
case "${1:-}" in -h | --help | '') sed -nE '2,/^set/s/^# ?//p' "$0"; [ -n "${1:-}" ]; exit ;; esac
begin=$SECONDS
source "$(dirname "$0")/environment.sh"
out=$1
seconds=$2
config=${3:-$here/assets/train/vehicles_more.json}
init=${4:-$here/assets/weights/vehicles.safetensors}
mkdir -p "$out/runs"
arguments=(--config "$config" --device "$LACT_DEVICE" -o "$out/runs/constant")
[ "$init" = none ] || arguments+=(--init "$init")

# SIGINT writes a checkpoint.
constant=$((seconds * 7 / 10))
timeout -s INT -k 30 "$constant" "$program" train "${arguments[@]}" || [ -e "$out/runs/constant/checkpoint.safetensors" ]
steps=$("$LACT_PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1]))["checkpoint_step"])' "$out/runs/constant/run.json")
echo "train: $steps steps at the constant rate in $((SECONDS - begin)) s"

# As many steps as fit into what is left, the evaluation at the end aside.
remaining=$((seconds - (SECONDS - begin)))
decay=$((steps * remaining * 8 / 10 / constant))
[ "$decay" -ge 1 ] || decay=1
timeout -s INT -k 30 "$remaining" "$program" train --decay-from "$out/runs/constant" --steps "$decay" --device "$LACT_DEVICE" \
    -o "$out/runs/decay" || echo "train: the decay did not end in time"
for result in weights.safetensors curve.csv config.json run.json; do
    cp "$out/runs/decay/$result" "$out/"
done
echo "train: $decay steps of decay, $((SECONDS - begin)) s in all"
