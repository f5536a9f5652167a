// COLMAP's sparse model as text: engine/scene/colmap_model.h. The input is cameras.txt and images.txt with
// "@@" between.
#include "tests/fuzz/target.h"

LACT_FUZZ_TARGET(colmap_text) {
    return read_colmap_files(text_of(data, size), ".txt");
}
