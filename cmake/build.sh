#!/usr/bin/env bash
# Builds targets of a configured build folder. Says first how many files there are to compile and about how long that
# takes; says nothing when no source has changed since the last build.
#   cmake/build.sh BUILD_FOLDER [TARGET]...
set -euo pipefail
build=${1:?the build folder}
shift
targets=("${@:-all}")
seconds_per_file=7  # On one core, several of our files compiled as one; without ccache.

objects=$(ninja -C "$build" -t commands "${targets[@]}" | sed -nE 's/.* -o ([^ ]+\.o|[^ ]+\.gch) -c .*/\1/p')
missing=0
for object in $objects; do
    [ -e "$build/$object" ] || missing=$((missing + 1))
done
cores=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
if [ "$missing" -ge 10 ]; then
    minutes=$(((missing * seconds_per_file / cores + 59) / 60))
    echo "build: $missing files to compile: about $minutes min on $cores cores; [done/all steps, seconds so far]" >&2
fi
options=(-C "$build" -j "$cores")
sources=(CMakeLists.txt app assets/families cmake engine shaders tests third_party)
if [ "$missing" -eq 0 ] && [ -z "$(find "${sources[@]}" -newer "$build/.ninja_log" -print -quit 2>/dev/null)" ]; then
    options+=(--quiet)
fi
NINJA_STATUS='[%f/%t, %e s] ' exec ninja "${options[@]}" "${targets[@]}"
