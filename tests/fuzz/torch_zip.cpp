// PyTorch's zip files: engine/model/torch_zip.h. What is no zip is taken for the pickle of a whole one, which
// the checks of the zip would else hide. Needs LibTorch, as its results are tensors.
#include "engine/model/torch_zip.h"

#include "tests/fuzz/target.h"
#include "tests/support/pickle_text.h"

LACT_FUZZ_TARGET(torch_zip) {
    std::string bytes(text_of(data, size));
    if (!bytes.starts_with("PK")) {
        bytes = test::torch_zip({{"data.pkl", bytes}, {"data/0", std::string(64, '\1')}});
    }
    const auto file = read_torch_zip(scratch().file("zip", bytes));
    if (!file) {
        return file.error().what.empty() ? 1 : 0;
    }
    for (const auto& [name, tensor] : file->tensors) {
        if (tensor.numel() > static_cast<std::int64_t>(bytes.size()) ||
            tensor.to(at::kDouble).sum().numel() != 1) {
            return 1;
        }
    }
    return 0;
}
