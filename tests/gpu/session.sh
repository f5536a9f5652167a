#!/usr/bin/env bash
# One short session on a machine with a GPU: tests, images against those of the CPU, times, memory, a window, and with
# what is left of the time training.
#   session.sh OUT [SECONDS [CONFIG]]
# Every part is timed and may fail alone; all output goes to the folder OUT, a line for each part to OUT/summary.txt.
# SECONDS: of the whole session (420). CONFIG: of the training (assets/train/vehicles_more.json).
# LACT_DEVICE=cpu rehearses it without a GPU (see environment.sh), LACT_SHORT=1 with small sizes and a small training.
set -uo pipefail
case "${1:-}" in -h | --help | '') sed -nE '2,/^set/s/^# ?//p' "$0"; [ -n "${1:-}" ]; exit ;; esac
begin=$SECONDS
source "$(dirname "$0")/environment.sh"
out=$1
seconds=${2:-420}
config=${3:-$here/assets/train/vehicles_more.json}
mkdir -p "$out"
summary=$out/summary.txt
: >"$summary"

left() { echo $((seconds - (SECONDS - begin))); }

# part NAME LIMIT COMMAND...: output to OUT/NAME.log; skipped where the time is over.
part() {
    local name=$1 limit=$2 from=$SECONDS status=0
    shift 2
    if [ "$(left)" -lt 5 ]; then
        echo "$name: no time left" | tee -a "$summary"
        return
    fi
    [ "$limit" -le "$(left)" ] || limit=$(left)
    # Functions need a shell of their own for timeout to end them.
    timeout -k 5 "$limit" bash -c '"$@"' part "$@" >"$out/$name.log" 2>&1 || status=$?
    case $status in 0) status=done ;; 124 | 137) status="stopped after $limit s" ;; *) status="failed ($status)" ;; esac
    echo "$name: $status, $((SECONDS - from)) s" | tee -a "$summary"
}

machine() {
    uname -a
    nproc
    grep -m1 'model name' /proc/cpuinfo
    nvidia-smi || echo "no nvidia-smi"
    echo "PyTorch $version in $LACT_TORCH"
    "$program" --version
}

# Renders a scene on the CPU and on the device in fp32 and compares the images.
images() {
    local scene=$1
    rm -rf "$out/images-$scene"
    mkdir -p "$out/images-$scene"
    render "$scene" cpu reference && render "$scene" "$LACT_DEVICE" device || return 1
    "$LACT_PYTHON" "$here/compare_images.py" "$out/images-$scene/reference" "$out/images-$scene/device" 50
}

# render SCENE DEVICE NAME
render() {
    "$program" render --scene "$here/assets/scenes/$1" --path orbit --frames "$frames" --device "$2" --precision fp32 -o "$out/images-$1/$3/"
}

# bench NAME OPTIONS...: the four benchmarks of the engine as JSON lines.
bench() {
    for what in setup render switch start; do
        "$program" bench $what --json --device "$LACT_DEVICE" --repeats "$repeats" "$@" || return 1
    done
}

window() {
    if ! "$LACT_PYTHON" -c 'import ctypes; ctypes.CDLL("libvulkan.so.1")'; then
        echo "no window: this machine has no Vulkan loader"
        return 0
    fi
    "$program" --screenshot "$out/window.png" --window-size 1280x800 --device "$LACT_DEVICE" \
        "$here/assets/weights/vehicles.safetensors" "$here/assets/scenes/yellow_car"
}

released=(--config l24_d768_ttt2x)
train=("$config")
sequence=(--config paper)
frames=16 size=256 size_large=512 repeats=20
if [ -n "${LACT_SHORT:-}" ]; then
    released+=(--layers 1)
    sequence=(--config small --lengths 4096 --repeats 1)
    frames=2 size=64 size_large=128 repeats=2
    train=("$here/assets/train/micro.json" none)
fi

export -f machine images render bench window
export program here out frames repeats version LACT_PYTHON LACT_DEVICE LACT_TORCH

part machine 20 machine
# The list of golden files is one of the repository.
part tests 120 "$here/bin/lact_tests" --gtest_brief=1 \
    --gtest_filter='*Golden*:*InnerGradient*:*FastWeightUpdate*:*TwoStages*:*SessionTest*:-GoldenFiles.*'
part images-yellow_car 40 images yellow_car
part images-tank_truck 40 images tank_truck
part bench-vehicles-fp32 30 bench --precision fp32
part bench-vehicles-bf16 30 bench --precision bf16
part "bench-released-$size-bf16" 40 bench "${released[@]}" --size "$size" --precision bf16
part "bench-released-$size-fp32" 40 bench "${released[@]}" --size "$size" --precision fp32
part "bench-released-$size_large-bf16" 40 bench "${released[@]}" --size "$size_large" --precision bf16
part sequence 60 "$program" bench sequence "${sequence[@]}" --json --device "$LACT_DEVICE"
part window 30 window
part train "$(left)" "$here/train.sh" "$out/train" "$(($(left) - 10))" "${train[@]}"
echo "session: $((SECONDS - begin)) s in all" | tee -a "$summary"
