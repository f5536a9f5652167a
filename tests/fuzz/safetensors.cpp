// Weight files: engine/model/safetensors.h. Needs LibTorch, as its results are tensors.
#include "engine/model/safetensors.h"

#include "tests/fuzz/target.h"

LACT_FUZZ_TARGET(safetensors) {
    const auto file = read_safetensors(scratch().file("safetensors", text_of(data, size)));
    if (!file) {
        return file.error().what.empty() ? 1 : 0;
    }
    for (const auto& [name, tensor] : file->tensors) {
        // Reads every value, so that a view outside of its memory shows.
        if (tensor.numel() > static_cast<std::int64_t>(size) || tensor.to(at::kDouble).sum().numel() != 1) {
            return 1;
        }
    }
    return 0;
}
