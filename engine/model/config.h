#pragma once

#include "engine/core/error.h"

#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

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
    friend bool operator==(const ModelConfig&, const ModelConfig&) = default;
};

/// What a weight file says of itself (our metadata, one JSON text under the safetensors key `lact`). All of
/// it is absent in released checkpoints.
struct WeightsInfo {
    std::string name;
    std::string rule = "baseline";                  ///< The update rule the weights were trained with.
    bool rule_assumed = true;                       ///< The file does not say; shown as "baseline (assumed)".
    std::string ns_precision = "bf16";              ///< Newton-Schulz precision in training.
    std::vector<std::array<int, 2>> trained_sizes;  ///< [w, h] each; empty: unknown.
    std::optional<std::array<int, 2>> trained_views;  ///< [min, max] input views.
    std::optional<double> train_radius;               ///< Mean camera distance of the training scenes.
    std::string background;                           ///< "white", "any" or empty: unknown.
    std::vector<std::string> families;  ///< Names of the generated families trained on; empty: unknown.
    std::string metadata_json;          ///< The whole JSON text as it stands in the file; empty if none.

    [[nodiscard]] std::string trained_rule() const { return rule_assumed ? rule + " (assumed)" : rule; }
};

}  // namespace lact
