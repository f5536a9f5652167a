#include "engine/model/checkpoint.h"

#include "engine/core/counted.h"
#include "engine/core/files.h"
#include "engine/core/text_file.h"
#include "engine/model/safetensors.h"
#include "engine/model/shards.h"
#include "engine/model/torch_zip.h"

#include <exception>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace lact {

namespace {

constexpr const char* kMetadataKey = "lact";

const char* type_name(at::ScalarType type) {
    switch (type) {
        case at::kFloat:
            return "fp32";
        case at::kHalf:
            return "fp16";
        case at::kBFloat16:
            return "bf16";
        case at::kDouble:
            return "fp64";
        default:
            return nullptr;
    }
}

/// Collects all names, shapes and types that do not fit into one error.
Result<void> check_tensors(const Checkpoint& checkpoint, const TensorShapes& actual) {
    constexpr std::size_t named = 10;
    const ModelConfig& config = checkpoint.config;
    const TensorShapes expected = expected_shapes(config);
    std::vector<std::string> problems = shape_problems(expected, actual);
    for (const auto& [name, tensor] : checkpoint.file.tensors) {
        if (expected.contains(name) && type_name(tensor.scalar_type()) == nullptr) {
            problems.push_back(fmt::format("{} holds {}, expected floating-point numbers", name,
                                           at::toString(tensor.scalar_type())));
        }
    }
    if (problems.empty()) {
        return {};
    }
    const std::size_t count = problems.size();
    problems.resize(std::min(count, named));
    return fail(
        checkpoint.path.string(),
        fmt::format("{} of its tensors {} not fit LaCT-NVS: {}{}", count, count == 1 ? "does" : "do",
                    fmt::join(problems, "; "),
                    count > named ? fmt::format("; and {} more", count - named) : ""),
        fmt::format("By its main tensors it is a model of {}, width {}, attention heads of {}, TTT heads "
                    "of {} with {} hidden channels, patch {}: {} tensors were expected, the file holds {}.",
                    counted(config.layers, "layer"), config.d, config.attention_head, config.ttt_head,
                    config.fast_hidden(), config.patch, expected.size(), actual.size()));
}

std::int64_t not_finite(const at::Tensor& tensor) {
    return tensor.numel() - at::isfinite(tensor).sum().item<std::int64_t>();
}

Result<void> check_values(const Checkpoint& checkpoint) {
    const at::NoGradGuard no_gradients;
    for (const auto& [name, tensor] : checkpoint.file.tensors) {
        if (const std::int64_t count = not_finite(tensor); count > 0) {
            return fail(checkpoint.path.string() + ": " + name,
                        fmt::format("{} of its {} {} not finite (NaN or infinite)", count,
                                    counted(tensor.numel(), "value"), count == 1 ? "is" : "are"),
                        "The weights are damaged or their training diverged: use another file.");
        }
    }
    return {};
}

void summarise(Checkpoint& checkpoint) {
    std::set<std::string> types;
    for (const auto& [name, tensor] : checkpoint.file.tensors) {
        types.insert(type_name(tensor.scalar_type()));
        checkpoint.parameters += tensor.numel();
    }
    checkpoint.dtype = types.size() == 1 ? *types.begin() : "mixed";
}

/// Checks the metadata, then the configuration, then the names, shapes and types of the tensors. Needs no
/// data.
Result<void> check_network(Checkpoint& checkpoint) {
    const std::string where = checkpoint.path.string();
    DeclaredConfig declared;
    if (const auto found = checkpoint.file.metadata.find(kMetadataKey);
        found != checkpoint.file.metadata.end()) {
        const auto in_file = [&where](Error error) {
            error.where = where + ": " + error.where;
            return error;
        };
        LACT_TRY(checkpoint.info, parse_weights_info(found->second).map_error(in_file));
        LACT_TRY(declared, parse_declared_config(found->second).map_error(in_file));
    }
    const TensorShapes shapes = shapes_of(checkpoint.file);
    LACT_TRY(checkpoint.config, derive_config(shapes, where));
    LACT_CHECK(check_declared_config(declared, checkpoint.config, where));
    return check_tensors(checkpoint, shapes);
}

std::optional<at::ScalarType> scalar_type(StoredType type) {
    switch (type) {
        case StoredType::keep:
            return std::nullopt;
        case StoredType::fp32:
            return at::kFloat;
        case StoredType::fp16:
            return at::kHalf;
        case StoredType::bf16:
            return at::kBFloat16;
    }
    return std::nullopt;
}

/// The tensors and metadata of the checkpoint, converted for storage.
Result<TensorFile> converted(const Checkpoint& checkpoint, StoredType type) {
    const at::NoGradGuard no_gradients;
    TensorFile file;
    file.metadata = checkpoint.file.metadata;
    const auto requested = scalar_type(type);
    for (const auto& [name, tensor] : checkpoint.file.tensors) {
        at::Tensor stored = requested ? tensor.to(*requested) : tensor;
        if (const std::int64_t count = not_finite(stored); count > 0) {
            return fail(
                checkpoint.path.string() + ": " + name,
                fmt::format("{} of its {} {} not finite as {}", count, counted(tensor.numel(), "value"),
                            count == 1 ? "is" : "are", at::toString(stored.scalar_type())),
                "Store the weights as bf16 or fp32, which have a larger range than fp16.");
        }
        file.tensors.emplace(name, std::move(stored));
    }
    return file;
}

/// Of the lines of the SHA-256 of all shards.
Result<std::string> sha256_of_shards(const std::vector<std::filesystem::path>& files) {
    std::string sums;
    for (const std::filesystem::path& file : files) {
        LACT_TRY(const std::string sum, sha256_of_file(file));
        sums += sum + '\n';
    }
    return sha256_of(sums);
}

Result<std::vector<FileState>> states_of(const std::vector<std::filesystem::path>& files) {
    std::vector<FileState> states;
    for (const std::filesystem::path& file : files) {
        LACT_TRY(const FileState state, file_state(file));
        states.push_back(state);
    }
    return states;
}

/// Reads the file, or all shards that it belongs to, and checks them: all but `path` and what summarise()
/// adds.
Result<void> read_files(Checkpoint& checkpoint) {
    const std::filesystem::path& path = checkpoint.path;
    LACT_TRY(const auto shards, find_shards(path));
    const std::vector<std::filesystem::path> files = shards ? shards->files : std::vector{path};
    LACT_TRY(const TensorFormat format, tensor_format(files.front()));
    checkpoint.format = format == TensorFormat::torch_zip ? "pt" : "safetensors";
    if (shards) {
        checkpoint.format += fmt::format(" ({})", counted(files.size(), "shard"));
    }
    constexpr int most_attempts = 3;
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        LACT_TRY(const auto before, states_of(files));
        // The headers first: the weights of another model may be larger than the memory.
        LACT_TRY(checkpoint.file, read_network(path, shards, TensorContent::header));
        LACT_CHECK(check_network(checkpoint));
        LACT_TRY(checkpoint.file, read_network(path, shards, TensorContent::whole));
        LACT_CHECK(check_network(checkpoint));
        LACT_TRY(checkpoint.sha256, shards ? sha256_of_shards(files) : sha256_of_file(path));
        // A training puts new weights into the place of the old ones: tensors and sum are to be of one file.
        LACT_TRY(const auto after, states_of(files));
        if (before == after) {
            return {};
        }
    }
    return fail(path.string(), "is being written by another program", "Open it again when it is complete.");
}

}  // namespace

Result<Checkpoint> load_checkpoint(const std::filesystem::path& path) {
    try {
        Checkpoint checkpoint;
        checkpoint.path = path;
        LACT_CHECK(read_files(checkpoint));
        LACT_CHECK(check_values(checkpoint));
        summarise(checkpoint);
        return checkpoint;
    } catch (const c10::Error& error) {
        return fail(path.string(), fmt::format("cannot be used: {}", error.what_without_backtrace()));
    } catch (const std::exception& error) {
        return fail(path.string(), fmt::format("cannot be used: {}", error.what()));
    }
}

Result<void> write_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& path,
                              StoredType type) {
    try {
        LACT_TRY(const TensorFile file, converted(checkpoint, type));
        const bool torch_zip = path.extension() == ".pt" || path.extension() == ".pth";
        return torch_zip ? write_torch_zip(path, file) : write_safetensors(path, file);
    } catch (const c10::Error& error) {
        return fail(path.string(), fmt::format("cannot be written: {}", error.what_without_backtrace()));
    } catch (const std::exception& error) {
        return fail(path.string(), fmt::format("cannot be written: {}", error.what()));
    }
}

namespace {

/// Repeats each pixel of patches laid out as (ph pw c) along dimension 0: [p p c, d] -> [fp fp c, d].
at::Tensor repeat_pixels(const at::Tensor& rows, int64_t patch, int64_t factor) {
    const int64_t d = rows.size(1);
    const int64_t channels = rows.size(0) / patch / patch;
    return rows.view({patch, 1, patch, 1, channels, d})
        .expand({patch, factor, patch, factor, channels, d})
        .reshape({patch * factor * patch * factor * channels, d});
}

std::string larger_metadata(const Checkpoint& checkpoint, int factor) {
    auto json = parse_json(checkpoint.info.metadata_json, kMetadataKey).value_or(nlohmann::json());
    if (!json.is_object()) {
        json = nlohmann::json::object();
    }
    json["parent"] = checkpoint.sha256;
    json["enlarged"] = factor;
    if (json.contains("config") && json["config"].is_object()) {
        json["config"]["patch"] = checkpoint.config.patch * factor;
    }
    if (json.contains("trained_sizes")) {
        json["trained_sizes"] = nlohmann::json::array();
        for (const auto& size : checkpoint.info.trained_sizes) {
            json["trained_sizes"].push_back({size[0] * factor, size[1] * factor});
        }
    }
    return dump_json(json);
}

}  // namespace

Result<Checkpoint> enlarge_patch(const Checkpoint& checkpoint, int factor) {
    if (factor < 2) {
        return fail("enlarge", "the factor " + std::to_string(factor) + " is below 2");
    }
    Checkpoint larger = checkpoint;
    const int64_t patch = checkpoint.config.patch;
    auto& input = larger.file.tensors.at("input_linear.weight");
    const auto spread = repeat_pixels(input.to(at::kFloat).t().contiguous(), patch, factor);
    input = (spread.t() / (factor * factor)).contiguous().to(input.scalar_type());
    auto& output = larger.file.tensors.at("image_token_decoder.1.weight");
    output = repeat_pixels(output.contiguous(), patch, factor).contiguous();
    larger.config.patch *= factor;
    larger.file.metadata["lact"] = larger_metadata(checkpoint, factor);
    LACT_TRY(larger.info, parse_weights_info(larger.file.metadata["lact"]));
    return larger;
}

}  // namespace lact
