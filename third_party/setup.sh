#!/usr/bin/env bash
# Gets what the build needs and is not there yet: Debian packages through apt, LibTorch and Dear ImGui from
# pinned, hash-checked PyPI files into .deps/. Does nothing, and asks no network, when all is there.
#   third_party/setup.sh [auto|cpu|cuda]
# auto (the default, or LACT_CUDA=auto|cpu|cuda) takes the CUDA set when an NVIDIA GPU is seen.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
deps=$(dirname "$here")/.deps
want=${1:-${LACT_CUDA:-auto}}

say() { printf '%s\n' "$*" >&2; }

install_debian_packages() {
    command -v dpkg-query >/dev/null || { say "setup: not a Debian system: install the equivalents of third_party/debian-packages.txt yourself"; return 0; }
    local missing=() p
    while read -r p; do
        case $p in ''|'#'*) continue ;; esac
        dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
    done < "$here/debian-packages.txt"
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
    say "setup: installing Debian packages: ${missing[*]}"
    # An earlier, interrupted run may have left dpkg half-way; this is a no-op otherwise.
    "${as_root[@]}" dpkg --configure -a >/dev/null 2>&1 || true
    "${as_root[@]}" apt-get update -qq || say "setup: apt-get update failed; trying with the package lists at hand"
    if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Use-Pty=0 "${missing[@]}" >"${TMPDIR:-/tmp}/lactscope-apt.log" 2>&1; then
        tail -n 5 "${TMPDIR:-/tmp}/lactscope-apt.log" >&2
        say "setup: apt could not install: ${missing[*]} (log: ${TMPDIR:-/tmp}/lactscope-apt.log)"
        exit 1
    fi
}

# One wheel: download (hash-checked by pip), unpack into .deps/python, remember by name, version and hash.
# A file that was complete before an interruption is not fetched again.
get_wheel() {
    local requirement=$1 name stamp
    name=${requirement%% *}
    stamp=$deps/stamps/$name-${requirement##*:}
    [ -e "$stamp" ] && return 0
    say "setup: fetching $name"
    mkdir -p "$deps/download" "$deps/stamps" "$deps/python"
    printf '%s\n' "$requirement" > "$deps/download/requirement.txt"
    rm -rf "$deps/download/wheel" && mkdir "$deps/download/wheel"
    if ! python3 -m pip --disable-pip-version-check download --quiet --no-deps --require-hashes --only-binary=:all: \
        --implementation cp --python-version 3.11 --abi cp311 --abi none --abi abi3 \
        --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux_2_25_x86_64 \
        --platform manylinux_2_18_x86_64 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 \
        --platform manylinux2010_x86_64 --platform manylinux_2_12_x86_64 --platform manylinux_2_5_x86_64 \
        --platform manylinux1_x86_64 \
        -d "$deps/download/wheel" -r "$deps/download/requirement.txt" >&2; then
        say "setup: could not fetch $name from the Python package index: is the network there? Run the same command again to go on."
        exit 1
    fi
    if ! python3 -m zipfile -e "$deps"/download/wheel/*.whl "$deps/python"; then
        say "setup: could not unpack $name into $deps/python: $(df -h --output=avail "$deps" | tail -n 1 | tr -d ' ') free on that disk; LibTorch needs 2 GB (8 GB with CUDA)"
        exit 1
    fi
    rm -rf "$deps/download/wheel"
    : > "$stamp"
}

get_wheels() {
    local line
    while read -r line; do
        case $line in ''|'#'*) continue ;; esac
        get_wheel "$line"
    done < "$1"
}

# Dear ImGui and its family from the source archive of imgui-bundle; only the folders the window needs are kept.
# pip builds the archive's metadata and fetches what that takes (scikit-build-core) by itself.
get_imgui() {
    local requirement name stamp archive
    requirement=$(grep -v '^#' "$here/pypi-imgui.txt")
    name=${requirement%% *}
    stamp=$deps/stamps/$name-${requirement##*:}
    [ -e "$stamp" ] && return 0
    say "setup: fetching $name"
    mkdir -p "$deps/download" "$deps/stamps"
    rm -rf "$deps/download/imgui" "$deps/imgui_bundle" && mkdir "$deps/download/imgui"
    if ! python3 -m pip --disable-pip-version-check download --quiet --no-deps --require-hashes --no-binary imgui-bundle \
        -d "$deps/download/imgui" -r "$here/pypi-imgui.txt" >&2; then
        say "setup: could not fetch $name from the Python package index: is the network there? Run the same command again to go on."
        exit 1
    fi
    archive=$(echo "$deps"/download/imgui/*.tar.gz)
    mkdir "$deps/download/imgui/unpacked"
    if ! tar -xzf "$archive" -C "$deps/download/imgui/unpacked" --strip-components=1 --wildcards \
        '*/external/imgui/imgui' '*/external/implot/implot' '*/external/implot3d/implot3d' '*/external/ImGuizmo/ImGuizmo' \
        '*/external/portable_file_dialogs/portable_file_dialogs' '*/bindings/imgui_bundle/assets/fonts/*'; then
        say "setup: could not unpack $name into $deps: $(df -h --output=avail "$deps" | tail -n 1 | tr -d ' ') free on that disk; it needs 0.2 GB"
        exit 1
    fi
    mv "$deps/download/imgui/unpacked" "$deps/imgui_bundle"
    rm -rf "$deps/download/imgui"
    : > "$stamp"
}

has_nvidia_gpu() { [ -e /proc/driver/nvidia/version ] || { command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; }; }

install_debian_packages
get_imgui
if [ -n "${LACT_TORCH_DIR:-}" ]; then
    say "setup: using LibTorch from LACT_TORCH_DIR=$LACT_TORCH_DIR"
    exit 0
fi
if [ "$(uname -m)" != x86_64 ]; then
    say "setup: no pinned LibTorch for $(uname -m): set LACT_TORCH_DIR to the 'torch' folder of a Python wheel of PyTorch 2.11"
    exit 1
fi
get_wheels "$here/pypi-cpu.txt"
if [ "$want" = cuda ] || { [ "$want" = auto ] && has_nvidia_gpu; }; then
    get_wheels "$here/pypi-cuda.txt"
fi
