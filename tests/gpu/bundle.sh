#!/usr/bin/env bash
# Makes a folder that runs the program and the tests of its engine on a machine that has only an NVIDIA driver and a
# Python with PyTorch 2.11: program, tests, the shared libraries they need, golden values, weights, two scenes.
#   tests/gpu/bundle.sh FOLDER
# There: FOLDER/session.sh OUT [SECONDS [CONFIG]], or FOLDER/train.sh OUT SECONDS [CONFIG].
# It is built without video (libav's libraries are larger than all else) and with the tests of the engine alone.
set -euo pipefail
case "${1:-}" in -h | --help | '') sed -nE '2,/^set/s/^# ?//p' "$0"; [ -n "${1:-}" ]; exit ;; esac
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$1
build=$root/build/gpu
most_mib=55
if [ -e "$out" ] && [ -n "$(ls -A "$out")" ]; then
    echo "bundle: $out is not empty; name a new folder" >&2
    exit 1
fi
cd "$root"
[ -e "$build/build.ninja" ] || cmake --preset gpu >/dev/null
cmake/build.sh "$build"
mkdir -p "$out/bin" "$out/lib" "$out/assets/weights"
strip -o "$out/bin/lactscope" "$build/lactscope"
strip -o "$out/bin/lact_tests" "$build/lact_tests"

# What Debian has to bring; LibTorch and the CUDA libraries are those of the Python there, and glibc is the machine's.
ldd "$out/bin/lactscope" "$out/bin/lact_tests" |
    awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u |
    grep -vE '/(libc|libm|libdl|librt|libpthread|libtorch[a-z_]*|libc10[a-z_]*|libgomp|libcuda[a-z]*|libcupti)[.-][^/]*$' |
    while read -r library; do cp -L "$library" "$out/lib/"; done

# Programs are a third of it when packed. The Python there unpacks them (environment.sh): other tools may be missing.
tar -C "$out" -czf "$out/programs.tar.gz" bin lib
rm -r "$out/bin" "$out/lib"

cp -r tests/golden "$out/golden"
cp assets/weights/vehicles.safetensors "$out/assets/weights/"
mkdir -p "$out/assets/scenes"
cp -r assets/scenes/yellow_car assets/scenes/tank_truck "$out/assets/scenes/"
cp -r assets/train assets/tour.json "$out/assets/"
cp tests/gpu/session.sh tests/gpu/train.sh tests/gpu/environment.sh tests/gpu/compare_images.py "$out/"

mib=$(du -sm --apparent-size "$out" | cut -f1)
echo "bundle: $out, $mib MiB"
if [ "$mib" -gt "$most_mib" ]; then
    echo "bundle: that is more than $most_mib MiB" >&2
    exit 1
fi
