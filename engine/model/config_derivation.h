#pragma once

#include "engine/core/error.h"
#include "engine/model/config.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lact {

/// Names and shapes of a file's tensors.
using TensorShapes = std::map<std::string, std::vector<std::int64_t>>;

/// "[64, 768]".
[[nodiscard]] std::string shape_text(const std::vector<std::int64_t>& shape);

/// The configuration that the shapes of a LaCT-NVS state dict say: layers from the block numbers, width and
/// patch from `input_linear` [d, 12 p²], attention head from `q_norm`, TTT head and hidden multiple from `w0`
/// [heads, d_in, d_h], query_is_key from the TTT layer's `to_qkv` ([2d, d] instead of [3d, d]). Only the
/// tensors it asks are looked at. `where` names the file.
[[nodiscard]] Result<ModelConfig> derive_config(const TensorShapes& shapes, const std::string& where);

/// The sizes a file's metadata declares; each may be absent.
struct DeclaredConfig {
    std::optional<int> layers;
    std::optional<int> d;
    std::optional<int> attention_head;
    std::optional<int> ttt_head;
    std::optional<double> hidden_multiple;
    std::optional<int> patch;
    std::optional<bool> query_is_key;
};

/// The entry "config" of our metadata (see WeightsInfo); errors name the field. Text without it declares
/// nothing.
[[nodiscard]] Result<DeclaredConfig> parse_declared_config(const std::string& json_text);

/// An error that names every size on which metadata and shapes differ.
[[nodiscard]] Result<void> check_declared_config(const DeclaredConfig& declared, const ModelConfig& derived,
                                                 const std::string& where);

/// Names and shapes of all tensors of a configuration, in file order.
[[nodiscard]] TensorShapes expected_shapes(const ModelConfig& config);

/// Problems that a file's shapes have against the expected ones, a line each: misshapen, missing, then
/// unknown tensors.
[[nodiscard]] std::vector<std::string> shape_problems(const TensorShapes& expected,
                                                      const TensorShapes& actual);

}  // namespace lact
