#!/usr/bin/env bash
# Runs the tests of a build and sums them up.
#   tests/run.sh [--gpu] BUILD_FOLDER [FILTER]
# FILTER is one of GoogleTest: tests/run.sh build/release 'Tour.*:Golden*'. A case alone, under a debugger, say:
#   gdb --args build/release/lact_tests --gtest_filter=Tour.RunsToItsEnd
# Builds with sanitizers (presets asan and tsan) run in the same way: a finding ends the case that caused it as failed.
# LACT_REQUIRE_VULKAN=1: what needs a Vulkan device or its validation layer fails without it, and is not skipped.
# Golden values are read from LACT_GOLDEN_DIR (tests/golden), real scenes from LACT_SCENES_DIR (../shared/scenes, if
# that exists).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
filter='*'
case "${1:-}" in -h | --help) sed -nE '2,/^set/s/^# ?//p' "$0"; exit ;; esac
if [ "${1:-}" = --gpu ]; then
    shift
    if ! { command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; }; then
        echo "test-gpu: NO GPU: no NVIDIA GPU with a working driver was found; nothing was tested on one" >&2
        exit 1
    fi
    export LACT_TEST_DEVICE=cuda
    filter='*Golden*:*InnerGradient*:*FastWeightUpdate*:*TwoStages*:*SessionTest*'
fi
build=${1:?usage: tests/run.sh [--gpu] BUILD_FOLDER [FILTER]}
export LACT_GOLDEN_DIR=${LACT_GOLDEN_DIR:-$here/golden}
if [ -z "${LACT_SCENES_DIR:-}" ] && [ -d "$here/../../shared/scenes" ]; then
    LACT_SCENES_DIR=$(cd "$here/../../shared/scenes" && pwd)
    export LACT_SCENES_DIR
fi
# As many processes as there are cores, so each takes one: Torch would take them all.
cores=$(env -u OMP_NUM_THREADS nproc)
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
# What sanitizers shall overlook, with reasons, is in two files; builds without them do not read these variables.
# Threads that a child process does not have cannot race: it goes on after fork().
export LSAN_OPTIONS=${LSAN_OPTIONS:-suppressions=$here/lsan.supp:print_suppressions=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-suppressions=$here/tsan.supp:print_suppressions=0:halt_on_error=1:second_deadlock_stack=1:die_after_fork=0}
exec python3 -B "$here/run.py" --cores "$cores" "$build" "${2:-$filter}"
