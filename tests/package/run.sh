#!/usr/bin/env bash
# Installs a package into a bare Debian 12 of its own (debootstrap, about 0.3 GB of downloads and 2 GB of disk) and uses
# the program there. There are no compilers and nothing of the checkout in it: what works there works on a new machine.
#   tests/package/run.sh PACKAGE.deb
# LACT_CHROOT names a bare system that exists already; it is copied. MIRROR names the mirror. Needs root and debootstrap;
# says why and ends well where they are missing.
set -euo pipefail
case "${1:-}" in -h | --help) sed -nE '2,/^set/{/^set/d;s/^# ?//p}' "$0"; exit ;; esac
package=$(realpath "${1:?usage: tests/package/run.sh PACKAGE.deb}")
here=$(cd "$(dirname "$0")" && pwd)
assets=$here/../../assets
mirror=${MIRROR:-http://deb.debian.org/debian}

skip() { echo "test-package: SKIPPED: $1" >&2; exit 0; }
[ "$(id -u)" = 0 ] || skip "a chroot needs root: sudo make test-package"
[ -n "${LACT_CHROOT:-}" ] || command -v debootstrap >/dev/null || skip "debootstrap is not installed (apt install debootstrap)"

work=$(mktemp -d "${TMPDIR:-/tmp}/lactscope-package.XXXXXX")
root=$work/root
mkdir "$root"
clean() {
    mountpoint -q "$root/proc" && umount "$root/proc"
    rm -rf --one-file-system "$work"
}
trap clean EXIT
failed=0

say() { printf 'test-package: %s\n' "$*" >&2; }
# In the chroot, with an environment of its own: nobody's HOME, no display.
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
# check NAME COMMAND...: runs it and says whether it succeeded; its output is shown where it did not.
check() {
    local name=$1
    shift
    if "$@" >"$work/out" 2>&1; then
        say "ok    $name"
    else
        say "FAILED $name"
        sed 's/^/    /' "$work/out" >&2
        failed=1
    fi
}
holds() { grep -qF -- "$1" "$work/out" || { say "FAILED the output has no '$1':"; sed 's/^/    /' "$work/out" >&2; failed=1; }; }
install_size() { inside dpkg-query -W -f='${Installed-Size}\n' | awk '{ s += $1 } END { print int(s / 1024) " MB" }'; }

if [ -n "${LACT_CHROOT:-}" ]; then
    cp -a "$LACT_CHROOT/." "$root"
else
    say "a bare Debian 12 from $mirror: some minutes"
    debootstrap --variant=minbase bookworm "$root" "$mirror" >"$work/debootstrap.log" 2>&1 \
        || { tail -n 5 "$work/debootstrap.log" >&2; skip "debootstrap could not make a bare system"; }
fi
cp /etc/resolv.conf "$root/etc/resolv.conf"
mount -t proc proc "$root/proc" || skip "/proc cannot be mounted here"
inside apt-get update -qq >"$work/out" 2>&1 || { cat "$work/out" >&2; skip "the mirror does not answer"; }
for compiler in cc gcc c++ g++ clang python3; do
    ! inside which "$compiler" >/dev/null || { say "FAILED: there is a $compiler"; failed=1; }
done

say "the package: $(du -h --apparent-size "$package" | cut -f1), $(basename "$package"); before it: $(install_size)"
cp "$package" "$root/tmp/"
check "apt install, without recommended packages" \
    inside apt-get install -y -q --no-install-recommends "/tmp/$(basename "$package")"
say "installed: $(install_size) in all"
check "no library is missing" inside sh -c \
    'for f in /usr/bin/lactscope /usr/lib/lactscope/*.so*; do ldd "$f"; done | grep "not found" && exit 1 || exit 0'
check "lactscope --version" inside lactscope --version
holds "lactscope "
check "lactscope info of a scene" inside lactscope info /usr/share/lactscope/assets/scenes/bouquet
holds "lact-json"
check "lactscope info of weights" inside lactscope info --json /usr/share/lactscope/assets/weights/vehicles.safetensors
check "lactscope eval" inside lactscope eval --scene /usr/share/lactscope/assets/scenes/yellow_car \
    --weights /usr/share/lactscope/assets/weights/vehicles.safetensors
holds "PSNR"
check "lactscope render" inside lactscope render --scene /usr/share/lactscope/assets/scenes/yellow_car \
    --weights /usr/share/lactscope/assets/weights/vehicles.safetensors --path orbit --frames 8 -o /tmp/orbit.mp4
check "a video was written" test -s "$root/tmp/orbit.mp4"
# Debian's libavutil brings the Vulkan loader; a driver comes with the recommended packages.
if inside lactscope --screenshot /tmp/none.png >"$work/out" 2>&1; then
    say "FAILED a screenshot without a Vulkan driver"
    failed=1
else
    say "ok    without a Vulkan driver there is no window"
fi
holds "install a Vulkan driver: apt install mesa-vulkan-drivers"

check "apt install, with recommended packages" inside apt-get install -y -q libvulkan1 mesa-vulkan-drivers \
    desktop-file-utils shared-mime-info appstream man-db file libglib2.0-bin
say "installed with a Vulkan driver: $(install_size) in all"
check "lactscope --screenshot" inside lactscope --screenshot /tmp/window.png --window 1280x800
check "the screenshot is an image of 1280 x 800" sh -c \
    "chroot '$root' file /tmp/window.png | grep -q 'PNG image data, 1280 x 800'"
[ -z "${KEEP_SCREENSHOT:-}" ] || cp "$root/tmp/window.png" "$KEEP_SCREENSHOT"

check "the desktop entry is valid" inside desktop-file-validate /usr/share/applications/lactscope.desktop
# Its name is no reversed domain: the project has none.
check "the AppStream data are valid" inside appstreamcli validate --no-net \
    --override=cid-desktopapp-is-not-rdns=info /usr/share/metainfo/lactscope.metainfo.xml
check "the manual page is readable" inside sh -c 'man --warnings -l /usr/share/man/man1/lactscope.1.gz 2>&1 >/dev/null | grep . && exit 1 || exit 0'

# The triggers of dpkg have put the types of the files into the caches.
type_of() { inside gio info -a standard::content-type "$1" | sed -n 's/.*standard::content-type: //p'; }
expect_type() {
    local found
    found=$(type_of "$1")
    if [ "$found" = "application/x-lactscope-$2+json" ]; then
        say "ok    $(basename "$1") is a $2"
    else
        say "FAILED $(basename "$1") is $found, not a $2"
        failed=1
    fi
}
cp "$assets/demos/tour.json" "$root/tmp/a.lactscope"
cp "$assets/demos/tour.json" "$root/tmp/session"
printf '[{"wait": "idle"}]' | tee "$root/tmp/a.lactscript" >"$root/tmp/script"
printf '{"constant_speed": false, "format": "lactscope-camera-track", "keys": []}' | tee "$root/tmp/a.lactpath" >"$root/tmp/path"
for kind in session script path; do
    expect_type "/tmp/$kind" "$kind"
done
expect_type /tmp/a.lactscope session
expect_type /tmp/a.lactscript script
expect_type /tmp/a.lactpath path
check "double click opens the program" sh -c \
    "chroot '$root' gio mime application/x-lactscope-session+json | grep -q lactscope.desktop"

check "apt remove" inside apt-get remove -y -q lactscope
check "nothing is left behind" sh -c "! ls -d '$root'/usr/lib/lactscope '$root'/usr/share/lactscope '$root'/usr/bin/lactscope 2>/dev/null | grep ."
[ "$failed" = 0 ] && say "passed" || say "FAILED"
exit "$failed"
