#!/usr/bin/env bash
# Runs all tests of a build and says what of the golden data they saw.
#   tests/run.sh [--gpu] BUILD_FOLDER
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
select=()
if [ "${1:-}" = --gpu ]; then
    shift
    if ! { command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; }; then
        echo "test-gpu: NO GPU: no NVIDIA GPU with a working driver was found; nothing was tested on one" >&2
        exit 1
    fi
    export LACT_TEST_DEVICE=cuda
    select=(-R 'Golden|InnerGradient|FastWeightUpdate|TwoStages|SessionTest')
fi
build=${1:?usage: tests/run.sh [--gpu] BUILD_FOLDER}
export LACT_GOLDEN_DIR=${LACT_GOLDEN_DIR:-$here/golden}
log=$build/tests.log
# As many tests at once as there are cores, so each takes one: Torch would take them all. Counted before that is
# said, as nproc heeds it, too.
cores=$(env -u OMP_NUM_THREADS nproc)
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
ctest --test-dir "$build" --output-on-failure --parallel "$cores" "${select[@]}" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
run=$(grep -cE 'Test +#[0-9]+: .*Golden.* (Passed|\*\*\*Failed)' "$log")
skipped=$(grep -E 'Test +#[0-9]+: .*Golden.*Skipped' "$log" | sed -E 's/.*: ([A-Za-z0-9_.\/]+).*/\1/' | paste -sd' ')
if [ "$run" -gt 0 ]; then
    echo "golden: $run run (folder $LACT_GOLDEN_DIR)"
fi
if [ -n "$skipped" ]; then
    echo "golden: SKIPPED (files not in $LACT_GOLDEN_DIR, or no real scenes in LACT_SCENES_DIR): $skipped"
fi
if [ "$run" -eq 0 ] && [ -z "$skipped" ]; then
    echo "golden: SKIPPED (no golden test was built)"
fi
windows=$(grep -cE 'Test +#[0-9]+: .*(Window|Offscreen|HeatMap)[^ ]* .*(Passed|\*\*\*Failed)' "$log")
windows_skipped=$(grep -cE 'Test +#[0-9]+: .*(Window|Offscreen|HeatMap)[^ ]* .*Skipped' "$log")
if [ "$windows_skipped" -gt 0 ]; then
    echo "window: $windows run, $windows_skipped SKIPPED (no Vulkan device, no validation layer or no Xvfb: see $log)"
else
    echo "window: $windows run"
fi
exit "$status"
