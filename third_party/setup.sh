#!/usr/bin/env bash
# Gets what the build needs and is not there yet: Debian packages through apt, LibTorch and Dear ImGui from
# pinned, hash-checked PyPI files into .deps/. Announces each step with the size of its download. When everything is
# there it prints nothing and does not use the network.
#   third_party/setup.sh [auto|cpu|cuda] [fuzz]
# auto (the default, or LACT_CUDA=auto|cpu|cuda) takes the CUDA set when an NVIDIA GPU is found. fuzz: also what `make fuzz`
# needs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
deps=$(dirname "$here")/.deps
want=${1:-${LACT_CUDA:-auto}}
package_lists=("$here/debian-packages.txt")
[ "${2:-}" = fuzz ] && package_lists+=("$here/debian-packages-fuzz.txt")

say() { printf '%s\n' "$*" >&2; }

install_debian_packages() {
    command -v dpkg-query >/dev/null || { say "setup: not a Debian system: install the equivalents of ${package_lists[*]#"$(dirname "$here")/"} yourself"; return 0; }
    local wanted=() missing=() installed p
    mapfile -t wanted < <(grep -hv '^\(#\|$\)' "${package_lists[@]}")
    installed=$(dpkg-query -W -f='${Package} ${Status}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/ install ok installed$//p') || true
    for p in "${wanted[@]}"; do
        grep -qxF "$p" <<< "$installed" || missing+=("$p")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
            as_root=(sudo)
        else
            say "setup: missing Debian packages; as root: apt install ${missing[*]}"
            exit 1
        fi
    fi
    say "setup: ${#missing[@]} Debian packages are missing: ${missing[*]}"
    say "setup: reading the package lists"
    # An earlier, interrupted run may have left dpkg half-way; this is a no-op otherwise.
    "${as_root[@]}" dpkg --configure -a >/dev/null 2>&1 || true
    "${as_root[@]}" apt-get update -qq || say "setup: apt-get update failed; trying with the package lists at hand"
    local size
    size=$(LC_ALL=C "${as_root[@]}" apt-get install --assume-no --no-install-recommends "${missing[@]}" 2>/dev/null \
        | sed -nE 's/^Need to get (.*) of archives.*/, \1 to download/p') || true
    say "setup: installing them with what they depend on$size; this takes a minute or two"
    if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Use-Pty=0 "${missing[@]}" >"${TMPDIR:-/tmp}/lactscope-apt.log" 2>&1; then
        tail -n 5 "${TMPDIR:-/tmp}/lactscope-apt.log" >&2
        say "setup: apt could not install: ${missing[*]} (log: ${TMPDIR:-/tmp}/lactscope-apt.log)"
        exit 1
    fi
}

# The lines of a list of PyPI files that are not there yet, each "NAME==VERSION --hash=sha256:HASH  # N MB".
missing_files() {
    local line
    cat "$@" | while read -r line; do
        case $line in ''|'#'*) continue ;; esac
        [ -e "$(stamp_of "$line")" ] || printf '%s\n' "$line"
    done
}

# A file that was complete before an interruption is remembered by name, version and hash, and not fetched again.
stamp_of() {
    local requirement=${1%%  \#*}
    printf '%s' "$deps/stamps/${requirement%% *}-${requirement##*:}"
}

# Downloads one file into FOLDER; pip checks its hash, and shows a bar with the time left on a terminal.
#   download LINE FOLDER [pip's options]
download() {
    local line=$1 folder=$2 requirement=${1%%  \#*} quiet=(--quiet)
    shift 2
    fetched=$((fetched + 1))
    say "setup: [$fetched/$to_fetch] downloading ${requirement%% *} (${line##*\# })"
    mkdir -p "$deps/download" "$deps/stamps"
    printf '%s\n' "$requirement" > "$deps/download/requirement.txt"
    rm -rf "$folder" && mkdir "$folder"
    [ -t 2 ] && quiet=()
    if ! python3 -m pip --disable-pip-version-check download "${quiet[@]}" --no-deps --require-hashes "$@" \
        -d "$folder" -r "$deps/download/requirement.txt" >&2; then
        say "setup: could not download ${requirement%% *} from the Python package index: is the network there? Run the same command again to go on."
        exit 1
    fi
}

# One wheel, unpacked into .deps/python.
get_wheel() {
    download "$1" "$deps/download/wheel" --only-binary=:all: \
        --implementation cp --python-version 3.11 --abi cp311 --abi none --abi abi3 \
        --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux_2_25_x86_64 \
        --platform manylinux_2_18_x86_64 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 \
        --platform manylinux2010_x86_64 --platform manylinux_2_12_x86_64 --platform manylinux_2_5_x86_64 \
        --platform manylinux1_x86_64
    mkdir -p "$deps/python"
    if ! python3 -m zipfile -e "$deps"/download/wheel/*.whl "$deps/python"; then
        say "setup: could not unpack ${1%% *} into $deps/python: $(df -h --output=avail "$deps" | tail -n 1 | tr -d ' ') free on that disk; LibTorch needs 2 GB (8 GB with CUDA)"
        exit 1
    fi
    rm -rf "$deps/download/wheel"
    : > "$(stamp_of "$1")"
}

# Dear ImGui and its family from the source archive of imgui-bundle; only the folders the window needs are kept.
# pip builds the archive's metadata and fetches what that takes (scikit-build-core) by itself.
get_imgui() {
    local unpacked=$deps/download/imgui/unpacked
    download "$1" "$deps/download/imgui" --no-binary imgui-bundle
    rm -rf "$deps/imgui_bundle" && mkdir "$unpacked"
    if ! tar -xzf "$deps"/download/imgui/*.tar.gz -C "$unpacked" --strip-components=1 --wildcards \
        '*/external/imgui/imgui' '*/external/implot/implot' '*/external/implot3d/implot3d' '*/external/ImGuizmo/ImGuizmo' \
        '*/external/portable_file_dialogs/portable_file_dialogs' '*/bindings/imgui_bundle/assets/fonts/*'; then
        say "setup: could not unpack ${1%% *} into $deps: $(df -h --output=avail "$deps" | tail -n 1 | tr -d ' ') free on that disk; it needs 0.2 GB"
        exit 1
    fi
    mv "$unpacked" "$deps/imgui_bundle"
    rm -rf "$deps/download/imgui"
    : > "$(stamp_of "$1")"
}

has_nvidia_gpu() { [ -e /proc/driver/nvidia/version ] || { command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; }; }

install_debian_packages
lists=("$here/pypi-imgui.txt")
if [ -n "${LACT_TORCH_DIR:-}" ]; then
    say "setup: using LibTorch from LACT_TORCH_DIR=$LACT_TORCH_DIR"
elif [ "$(uname -m)" != x86_64 ]; then
    say "setup: no pinned LibTorch for $(uname -m): set LACT_TORCH_DIR to the 'torch' folder of a Python wheel of PyTorch 2.11"
    exit 1
else
    lists+=("$here/pypi-cpu.txt")
    if [ "$want" = cuda ] || { [ "$want" = auto ] && has_nvidia_gpu; }; then
        lists+=("$here/pypi-cuda.txt")
    fi
fi

mapfile -t missing < <(missing_files "${lists[@]}")
to_fetch=${#missing[@]} fetched=0
[ "$to_fetch" -eq 0 ] && exit 0
megabytes=$(printf '%s\n' "${missing[@]}" | sed 's/.*# \(.*\) MB$/\1/' | paste -sd+)
say "setup: LibTorch and Dear ImGui: $to_fetch files, $((megabytes)) MB in all, into ${deps##*/} (this once)"
for line in "${missing[@]}"; do
    case $line in
        imgui-bundle*) get_imgui "$line" ;;
        *) get_wheel "$line" ;;
    esac
done
