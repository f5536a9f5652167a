#pragma once

#include "engine/core/error.h"
#include "engine/model/weights_info.h"
#include "engine/scene/camera.h"

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lact {

/// Sizes of a LaCT-NVS network (arXiv 2505.23884; `LaCTLVSM` of the release).
struct ModelConfig {
    int layers = 0;
    int d = 0;                   ///< Token width.
    int attention_head = 64;     ///< Channels of one self-attention head; divides d.
    int ttt_head = 0;            ///< Channels of one TTT head (d_in = d_out); divides d.
    double hidden_multiple = 1;  ///< d_h / ttt_head of the fast weights.
    int patch = 8;
    bool query_is_key = false;  ///< Trained with q replaced by k: the TTT `to_qkv` is [2d, d].

    [[nodiscard]] int attention_heads() const { return d / attention_head; }
    [[nodiscard]] int ttt_heads() const { return d / ttt_head; }
    [[nodiscard]] int fast_hidden() const {
        return static_cast<int>(std::lround(ttt_head * hidden_multiple));
    }
    /// Images of this size consist of whole patches.
    [[nodiscard]] bool takes(Size size) const {
        return size.width > 0 && size.height > 0 && size.width % patch == 0 && size.height % patch == 0;
    }
    /// Of the hidden multiple counts the width that it gives: of a file it is a quotient, elsewhere often a
    /// rounded number (1.333).
    friend bool operator==(const ModelConfig& a, const ModelConfig& b) {
        return a.layers == b.layers && a.d == b.d && a.attention_head == b.attention_head &&
               a.ttt_head == b.ttt_head && a.fast_hidden() == b.fast_hidden() && a.patch == b.patch &&
               a.query_is_key == b.query_is_key;
    }
};

/// A configuration of the release by its name, "l24_d768_ttt2x": 12 or 24 layers of width 768, one TTT head,
/// fast weights 1, 2 or 4 times as wide as the head. Error: an unknown name.
[[nodiscard]] Result<ModelConfig> released_config(std::string_view name);
/// "l12_d768_ttt1x, l12_d768_ttt2x, …"
[[nodiscard]] std::string released_config_names();

/// Error: ModelConfig::takes() does not hold.
[[nodiscard]] Result<void> check_size(const ModelConfig& config, Size size);

/// Names and shapes of a file's tensors.
using TensorShapes = std::map<std::string, std::vector<std::int64_t>>;

/// A shape as text, for example "[64, 768]".
[[nodiscard]] std::string shape_text(const std::vector<std::int64_t>& shape);

/// Derives the configuration of a LaCT-NVS state dict from its shapes: layers from the block numbers, width
/// and patch from `input_linear` [d, 12 p²], attention head from `q_norm`, TTT head and hidden multiple from
/// `w0` [heads, d_in, d_h], query_is_key from `to_qkv` of the TTT layer ([2d, d] instead of [3d, d]). Reads
/// these tensors only. `where` names the file in errors.
[[nodiscard]] Result<ModelConfig> derive_config(const TensorShapes& shapes, const std::string& where);

/// Compares metadata with shapes. The error names every size that differs.
[[nodiscard]] Result<void> check_declared_config(const DeclaredConfig& declared, const ModelConfig& derived,
                                                 const std::string& where);

/// Names and shapes of all tensors of a configuration, in name order.
[[nodiscard]] TensorShapes expected_shapes(const ModelConfig& config);

/// Differences between the shapes of a file and the expected ones, one text each: misshapen, missing, then
/// unknown tensors.
[[nodiscard]] std::vector<std::string> shape_problems(const TensorShapes& expected,
                                                      const TensorShapes& actual);

}  // namespace lact
