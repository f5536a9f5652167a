#pragma once

#include "engine/core/error.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace lact {

/// Metadata of a weight file: one JSON text under the safetensors key `lact`. Released checkpoints have
/// none.
struct WeightsInfo {
    std::string name;
    std::string rule = "baseline";      ///< Update rule of the training, for parse_update_rule().
    bool rule_assumed = true;           ///< The file does not name a rule; shown as "baseline (assumed)".
    std::string ns_precision = "bf16";  ///< Precision of Newton-Schulz in training: "bf16", "fp16" or "fp32".
    std::vector<std::array<int, 2>> trained_sizes;    ///< [width, height] each; empty: unknown.
    std::optional<std::array<int, 2>> trained_views;  ///< [min, max] input views.
    std::optional<double> train_radius;  ///< Mean distance of the cameras in the training scenes.
    std::string background;              ///< "white", "any" or empty: unknown.
    std::vector<std::string> families;   ///< Generated families of the training; empty: unknown.
    std::string metadata_json;           ///< The JSON text as stored in the file; empty if there is none.

    /// What is said of the rule that the weights were trained with.
    [[nodiscard]] const char* as_trained() const {
        return rule_assumed ? "assumed as trained" : "as trained";
    }
    [[nodiscard]] std::string trained_rule() const { return rule_assumed ? rule + " (assumed)" : rule; }
};

/// Parses the metadata "lact" of a weight file (JSON, see WeightsInfo). Errors name the field; a rule that
/// parse_update_rule() does not read is one. Unknown fields are kept in metadata_json only. A null field
/// counts as absent.
[[nodiscard]] Result<WeightsInfo> parse_weights_info(const std::string& json_text);

/// Sizes that the metadata declares; each is optional.
struct DeclaredConfig {
    std::optional<int> layers;
    std::optional<int> d;
    std::optional<int> attention_head;
    std::optional<int> ttt_head;
    std::optional<double> hidden_multiple;
    std::optional<int> patch;
    std::optional<bool> query_is_key;
};

/// Parses the entry "config" of the metadata (see WeightsInfo). Errors name the field. A text without the
/// entry gives an empty result.
[[nodiscard]] Result<DeclaredConfig> parse_declared_config(const std::string& json_text);

}  // namespace lact
