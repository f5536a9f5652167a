#!/usr/bin/env bash
# Runs fuzz targets one after the other and prints one line each: executions, processor seconds, new inputs of its corpus,
# findings.
#   tests/fuzz/run.sh BUILD_FOLDER SECONDS [TARGET]...
# SECONDS for each target. The corpus grows in BUILD_FOLDER/fuzz/corpus from run to run; it begins with tests/fuzz/corpus and
# files of the tests and assets. Inputs that crash, hang or take too much memory are kept in BUILD_FOLDER/fuzz/findings:
#   BUILD_FOLDER/fuzz/fuzz_TARGET FILE            runs one again
#   BUILD_FOLDER/fuzz/fuzz_TARGET -minimize_crash=1 -max_total_time=60 FILE
# Ends with 1 where there is a finding.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
case "${1:-}" in -h | --help) sed -nE '2,/^set/s/^# ?//p' "$0"; exit ;; esac
usage='usage: tests/fuzz/run.sh BUILD_FOLDER SECONDS [TARGET]...'
build=$(cd "${1:?$usage}" && pwd)/fuzz
seconds=${2:?$usage}
shift 2
[ $# -gt 0 ] && names=("$@") || mapfile -t names < <(cd "$here" && ls -- *.cpp | sed -n '/^regression_test/!s/\.cpp$//p')

# Files are written to memory, and gone at the end.
memory=/dev/shm
[ -w $memory ] || memory=${TMPDIR:-/tmp}
scratch=$(mktemp -d "$memory/lactscope-fuzz.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# Files of the tests and assets that are inputs as they are; larger ones would be cut.
more_seeds() {
    case $1 in
        camera_track | session | settings) find "$root/assets/demos" -name '*.json' ;;
        file_kind | json) find "$root/assets" "$root/docs" -name '*.json' -size -20k ;;
        png) ls "$root"/tests/data/colmap/images/*.png "$root/assets/desktop/icons/16x16.png" "$root/assets/desktop/icons/16.png" 2>/dev/null || true ;;
        provenance) ls "$root"/tests/data/colmap/images/0[0-3]*.png ;;
        safetensors) find "$root/tests/golden" -name '*.safetensors' -size -20k ;;
        script) find "$root/docs/pictures/scripts" "$root/assets/demos" -name '*.json' ;;
        train_config) ls "$root"/assets/train/*.json ;;
    esac
}

# A figure of the statistics at the end of a log.
figure() { sed -n "s/^stat::$1: *//p" "$2" | tail -n 1; }

# Leaks that are PyTorch's own (tests/lsan.supp). Stacks of allocations cost a tenth of the time: run a finding again for them.
export LSAN_OPTIONS=suppressions=$root/tests/lsan.supp:print_suppressions=0
export ASAN_OPTIONS=allocator_may_return_null=1:malloc_context_size=0:quarantine_size_mb=16
export TMPDIR=$scratch OMP_NUM_THREADS=1
failed=0
TIMEFORMAT='%U %S'  # Of user and system.
printf '%-16s %12s %14s %12s %9s\n' target executions 'CPU seconds' 'new inputs' findings
for name in "${names[@]}"; do
    corpus=$build/corpus/$name findings=$build/findings/$name log=$build/$name.log seeds=$scratch/seeds
    rm -rf "$seeds"
    mkdir -p "$corpus" "$findings" "$seeds"
    more_seeds "$name" | xargs -r -I{} find {} -size -12 | while read -r file; do cp "$file" "$seeds/$(sha1sum "$file" | cut -c1-16)"; done
    before=$(find "$corpus" -type f | wc -l)
    options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=3000 -print_final_stats=1 -max_len=6000)
    [ -e "$here/dictionaries/$name.dict" ] && options+=(-dict="$here/dictionaries/$name.dict")
    { time "$build/fuzz_$name" "${options[@]}" -artifact_prefix="$findings/" "$corpus" "$here/corpus/$name" "$seeds" \
        >"$log" 2>&1 || { failed=1; ended=1; }; } 2>"$scratch/time"
    found=$(find "$findings" -type f | wc -l)
    executions=$(figure number_of_executed_units "$log")
    printf '%-16s %12s %14s %12s %9s\n' "$name" "${executions:-?}" "$(awk 'END { printf "%.0f", $1 + $2 }' "$scratch/time")" \
        "$(($(find "$corpus" -type f | wc -l) - before))" "$found"
    if [ -n "${ended:-}" ]; then
        grep -m 3 -E 'SUMMARY|runtime error|Assertion|ERROR:' "$log" | sed 's/^/    /' || tail -n 3 "$log"
        echo "    $log; $findings"
        ended=
    fi
done
exit $failed
