#include "engine/model/config.h"

#include "engine/core/counted.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {
namespace {

constexpr const char* kNotLactHint =
    "A LaCT-NVS checkpoint holds input_linear.weight [d, 12 p*p] and, per block, the tensors "
    "blocks.<i>.module_list.{0,1,2}.…; choose such a file.";

/// The index i of "blocks.<i>.<rest>".
std::optional<int> block_of(std::string_view name) {
    constexpr std::string_view prefix = "blocks.";
    if (!name.starts_with(prefix)) {
        return std::nullopt;
    }
    name.remove_prefix(prefix.size());
    int index = -1;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
    if (error != std::errc{} || index < 0 || end == name.data() + name.size() || *end != '.') {
        return std::nullopt;
    }
    return index;
}

/// Finds tensors by name. Errors: the tensor is missing or has another rank.
class Shapes {
  public:
    Shapes(const TensorShapes& shapes, const std::string& where) : shapes_(shapes), where_(where) {}

    Result<std::vector<std::int64_t>> get(const std::string& name, std::size_t rank,
                                          const char* expected) const {
        const auto found = shapes_.find(name);
        if (found == shapes_.end()) {
            return fail(where_, fmt::format("has no tensor {} {}: {}", name, expected, held()), kNotLactHint);
        }
        return checked(found->first, found->second, rank, expected);
    }

    /// The shape of the tensor `rest` in the first block that has it.
    Result<std::vector<std::int64_t>> of_a_block(const std::string& rest, std::size_t rank,
                                                 const char* expected) const {
        for (const auto& [name, shape] : shapes_) {
            if (block_of(name) && name.ends_with("." + rest)) {
                return checked(name, shape, rank, expected);
            }
        }
        return fail(where_, fmt::format("has no tensor blocks.<i>.{} {}: {}", rest, expected, held()),
                    kNotLactHint);
    }

    [[nodiscard]] int blocks() const {
        std::set<int> seen;
        for (const auto& [name, shape] : shapes_) {
            if (const auto block = block_of(name)) {
                seen.insert(*block);
            }
        }
        return static_cast<int>(seen.size());
    }

  private:
    Result<std::vector<std::int64_t>> checked(const std::string& name, const std::vector<std::int64_t>& shape,
                                              std::size_t rank, const char* expected) const {
        constexpr std::int64_t largest = 1 << 20;
        const bool sane = std::all_of(shape.begin(), shape.end(),
                                      [](std::int64_t size) { return size >= 1 && size <= largest; });
        if (shape.size() != rank || !sane) {
            return fail(where_ + ": " + name,
                        fmt::format("has shape {}, expected {}", shape_text(shape), expected), kNotLactHint);
        }
        return shape;
    }

    /// A list of the tensors that the file does hold, for messages.
    [[nodiscard]] std::string held() const {
        constexpr std::size_t shown = 10;
        std::vector<std::string_view> names;
        for (const auto& [name, shape] : shapes_) {
            if (names.size() == shown) {
                break;
            }
            names.emplace_back(name);
        }
        return fmt::format("it holds {}: {}{}", counted(shapes_.size(), "tensor"), fmt::join(names, ", "),
                           shapes_.size() > shown ? ", …" : "");
    }

    const TensorShapes& shapes_;
    const std::string& where_;
};

/// The patch size p if `channels` is 12 p².
std::optional<int> patch_of(std::int64_t channels) {
    constexpr std::int64_t per_pixel = 12;  // Ray origin, direction and moment; colour.
    const auto patch = static_cast<int>(std::lround(std::sqrt(static_cast<double>(channels) / per_pixel)));
    return patch >= 1 && per_pixel * patch * patch == channels ? std::optional(patch) : std::nullopt;
}

template <class T>
void compare(std::vector<std::string>& differences, const char* field, const std::optional<T>& declared,
             const T& derived) {
    if (declared && *declared != derived) {
        differences.push_back(
            fmt::format("{} is {} in the metadata and {} in the tensors", field, *declared, derived));
    }
}

}  // namespace

std::string shape_text(const std::vector<std::int64_t>& shape) {
    return fmt::format("[{}]", fmt::join(shape, ", "));
}

Result<ModelConfig> derive_config(const TensorShapes& shapes, const std::string& where) {
    const Shapes file(shapes, where);
    ModelConfig config;
    LACT_TRY(const auto input, file.get("input_linear.weight", 2, "[d, 12 p*p]"));
    const auto patch = patch_of(input[1]);
    if (!patch) {
        return fail(where + ": input_linear.weight",
                    fmt::format("has shape {}: its second dimension is not 12 p*p for any patch p",
                                shape_text(input)),
                    kNotLactHint);
    }
    config.d = static_cast<int>(input[0]);
    config.patch = *patch;
    config.layers = file.blocks();
    LACT_TRY(const auto q_norm,
             file.of_a_block("module_list.0.f.q_norm.weight", 1, "[attention head width]"));
    LACT_TRY(const auto w0, file.of_a_block("module_list.1.f.w0", 3, "[heads, d_in, d_h]"));
    LACT_TRY(const auto to_qkv, file.of_a_block("module_list.1.f.to_qkv.weight", 2, "[3d, d] or [2d, d]"));
    config.attention_head = static_cast<int>(q_norm[0]);
    config.ttt_head = static_cast<int>(w0[1]);
    config.hidden_multiple = static_cast<double>(w0[2]) / static_cast<double>(w0[1]);
    config.query_is_key = to_qkv[0] == 2 * input[0];
    if (config.d % config.attention_head != 0) {
        return fail(where, fmt::format("the attention head width {} (of q_norm) does not divide the width {}",
                                       config.attention_head, config.d));
    }
    if (w0[0] * w0[1] != input[0]) {
        return fail(where, fmt::format("{} TTT heads of {} (by the shape of w0) do not give the width {}",
                                       w0[0], w0[1], config.d));
    }
    return config;
}

Result<void> check_declared_config(const DeclaredConfig& declared, const ModelConfig& derived,
                                   const std::string& where) {
    std::vector<std::string> differences;
    compare(differences, "layers", declared.layers, derived.layers);
    compare(differences, "d", declared.d, derived.d);
    compare(differences, "attention_head", declared.attention_head, derived.attention_head);
    compare(differences, "ttt_head", declared.ttt_head, derived.ttt_head);
    // Compares d_h, so that a rounded multiple (1.333) counts as equal.
    if (declared.hidden_multiple &&
        std::abs(*declared.hidden_multiple * derived.ttt_head - derived.fast_hidden()) > 0.5) {
        compare(differences, "hidden_multiple", declared.hidden_multiple, derived.hidden_multiple);
    }
    compare(differences, "patch", declared.patch, derived.patch);
    compare(differences, "query_is_key", declared.query_is_key, derived.query_is_key);
    if (differences.empty()) {
        return {};
    }
    return fail(
        where, fmt::format("its metadata contradicts its tensors: {}", fmt::join(differences, "; ")),
        "Correct \"config\" in the metadata \"lact\", or use the weights this metadata was written for.");
}

namespace {

struct ReleasedSizes {
    std::string_view name;
    int layers;
    double hidden_multiple;
};
constexpr std::array<ReleasedSizes, 4> released = {{{"l12_d768_ttt1x", 12, 1},
                                                    {"l12_d768_ttt2x", 12, 2},
                                                    {"l24_d768_ttt2x", 24, 2},
                                                    {"l24_d768_ttt4x", 24, 4}}};

}  // namespace

std::string released_config_names() {
    std::vector<std::string_view> names;
    for (const ReleasedSizes& one : released) {
        names.push_back(one.name);
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

Result<ModelConfig> released_config(std::string_view name) {
    const auto* const found = std::ranges::find(released, name, &ReleasedSizes::name);
    if (found == released.end()) {
        return fail("configuration", fmt::format("'{}' is not one of the release", name),
                    fmt::format("There are {}.", released_config_names()));
    }
    ModelConfig config;
    config.layers = found->layers;
    config.d = 768;
    config.ttt_head = config.d;
    config.hidden_multiple = found->hidden_multiple;
    return config;
}

TensorShapes expected_shapes(const ModelConfig& config) {
    const std::int64_t d = config.d;
    const std::int64_t head = config.ttt_head;
    const std::int64_t heads = config.ttt_heads();
    const std::int64_t hidden = config.fast_hidden();
    const std::int64_t pixels = std::int64_t{config.patch} * config.patch;
    constexpr std::int64_t mlp_factor = 4;
    constexpr std::int64_t rates = 3;
    TensorShapes shapes{{"input_linear.weight", {d, 12 * pixels}},
                        {"input_layernorm.weight", {d}},
                        {"image_token_decoder.0.weight", {d}},
                        {"image_token_decoder.1.weight", {3 * pixels, d}}};
    for (int block = 0; block < config.layers; ++block) {
        const std::string modules = fmt::format("blocks.{}.module_list.", block);
        const std::string attention = modules + "0.f.";
        const std::string ttt = modules + "1.f.";
        const std::string mlp = modules + "2.f.";
        for (int module = 0; module < 3; ++module) {
            shapes[fmt::format("{}{}.ln.weight", modules, module)] = {d};
        }
        shapes[attention + "to_qkv.weight"] = {3 * d, d};
        shapes[attention + "c_proj.weight"] = {d, d};
        shapes[attention + "q_norm.weight"] = {config.attention_head};
        shapes[attention + "k_norm.weight"] = {config.attention_head};
        shapes[ttt + "to_qkv.weight"] = {(config.query_is_key ? 2 : 3) * d, d};
        shapes[ttt + "c_proj.weight"] = {d, d};
        shapes[ttt + "o_norm.weight"] = {head};
        shapes[ttt + "lr_fc.weight"] = {rates * heads, d};
        shapes[ttt + "lr_fc.bias"] = {rates * heads};
        shapes[ttt + "w0"] = {heads, head, hidden};
        shapes[ttt + "w1"] = {heads, hidden, head};
        shapes[ttt + "w2"] = {heads, head, hidden};
        shapes[mlp + "c_fc.weight"] = {mlp_factor * d, d};
        shapes[mlp + "c_proj.weight"] = {d, mlp_factor * d};
    }
    return shapes;
}

std::vector<std::string> shape_problems(const TensorShapes& expected, const TensorShapes& actual) {
    std::vector<std::string> misshapen;
    std::vector<std::string> missing;
    std::vector<std::string> unknown;
    for (const auto& [name, shape] : expected) {
        const auto found = actual.find(name);
        if (found == actual.end()) {
            missing.push_back(fmt::format("{} is missing, expected {}", name, shape_text(shape)));
        } else if (found->second != shape) {
            misshapen.push_back(fmt::format("{} has shape {}, expected {}", name, shape_text(found->second),
                                            shape_text(shape)));
        }
    }
    for (const auto& [name, shape] : actual) {
        if (!expected.contains(name)) {
            unknown.push_back(fmt::format("{} {} is unknown", name, shape_text(shape)));
        }
    }
    misshapen.insert(misshapen.end(), missing.begin(), missing.end());
    misshapen.insert(misshapen.end(), unknown.begin(), unknown.end());
    return misshapen;
}

Result<void> check_size(const ModelConfig& config, Size size) {
    if (config.takes(size)) {
        return {};
    }
    return fail(
        "size",
        fmt::format("{}x{} is not a multiple of the patch, {}", size.width, size.height, config.patch),
        fmt::format("Choose a width and a height that {} divides.", config.patch));
}

}  // namespace lact
