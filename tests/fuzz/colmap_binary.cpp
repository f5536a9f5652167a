// COLMAP's sparse model as binary: engine/scene/colmap_model.h. The input is cameras.bin and images.bin with
// "@@" between.
#include "tests/fuzz/target.h"

LACT_FUZZ_TARGET(colmap_binary) {
    return read_colmap_files(text_of(data, size), ".bin");
}
