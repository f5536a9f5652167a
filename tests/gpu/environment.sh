# Sourced by session.sh and train.sh: where program, libraries and data are.
#   LACT_PYTHON  the Python whose PyTorch is taken (python3)
#   LACT_TORCH   its folder "torch" (found by that Python)
#   LACT_DEVICE  cuda; cpu rehearses on a machine without a GPU
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LACT_PYTHON=${LACT_PYTHON:-python3}
LACT_DEVICE=${LACT_DEVICE:-cuda}
if [ -z "${LACT_TORCH:-}" ]; then
    LACT_TORCH=$("$LACT_PYTHON" -c 'import importlib.util as u; print(u.find_spec("torch").submodule_search_locations[0])')
fi
version=$(sed -nE "s/^__version__ = '([^']+)'.*/\1/p" "$LACT_TORCH/version.py")
case $version in 2.11.*) ;; *) echo "environment: the PyTorch in $LACT_TORCH is $version, 2.11 is needed" >&2; exit 1 ;; esac
LD_LIBRARY_PATH=$here/lib:$LACT_TORCH/lib
for folder in "$(dirname "$LACT_TORCH")"/nvidia/*/lib; do
    [ -d "$folder" ] && LD_LIBRARY_PATH=$LD_LIBRARY_PATH:$folder
done
export LD_LIBRARY_PATH LACT_ASSETS=$here/assets LACT_GOLDEN_DIR=$here/golden LACT_TEST_DEVICE=$LACT_DEVICE
program=$here/bin/lactscope
[ -x "$program" ] || "$LACT_PYTHON" -m tarfile -e "$here/programs.tar.gz" "$here"
