#include "engine/session/weight_files.h"

#include "engine/model/checkpoint.h"
#include "engine/session/parts.h"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace lact {

Result<WeightFileInfo> describe_weights(const std::filesystem::path& path) {
    try {
        LACT_TRY(const Checkpoint checkpoint, load_checkpoint(path));
        return WeightFileInfo{checkpoint.format,
                              checkpoint.sha256,
                              checkpoint.dtype,
                              checkpoint.parameters,
                              checkpoint.file.tensors.size(),
                              checkpoint.config,
                              checkpoint.info,
                              checkpoint.file.state_from,
                              checkpoint.file.left_out};
    } catch (const std::exception& problem) {
        return tl::unexpected<Error>(engine_error(path.string(), problem));
    }
}

Result<void> convert_weights(const std::filesystem::path& input, const std::filesystem::path& output,
                             std::string_view type, int enlarge, const Job& job) {
    constexpr std::array<std::pair<std::string_view, StoredType>, 4> types = {{{"keep", StoredType::keep},
                                                                               {"fp32", StoredType::fp32},
                                                                               {"fp16", StoredType::fp16},
                                                                               {"bf16", StoredType::bf16}}};
    if (output.extension() != ".safetensors" && output.extension() != ".pt") {
        return fail(output.string(), "the ending does not say which form to write",
                    "Use .safetensors or .pt.");
    }
    for (const auto& [name, stored] : types) {
        if (name == type) {
            try {
                LACT_TRY(Checkpoint checkpoint, load_checkpoint(input));
                if (enlarge != 1) {
                    LACT_TRY(checkpoint, enlarge_patch(checkpoint, enlarge));
                }
                if (job.stopped()) {
                    return cancelled();
                }
                return write_checkpoint(checkpoint, output, stored);
            } catch (const std::exception& problem) {
                return tl::unexpected<Error>(engine_error(input.string(), problem));
            }
        }
    }
    return fail("dtype", fmt::format("'{}' is not known", type), "Use keep, fp32, fp16 or bf16.");
}

}  // namespace lact
