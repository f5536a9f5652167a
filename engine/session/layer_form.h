#pragma once

#include "engine/core/error.h"

#include <string_view>
#include <vector>

namespace lact {

/// What computes a TTT layer.
enum class LayerForm {
    ttt,             ///< The TTT step, as released.
    linear,          ///< Its linear-attention form alone (arXiv 2602.21204, section 5): no gradient step is
                     ///< taken. Newton-Schulz is exact in fp64, whatever the rule says about its precision.
    unchanged,       ///< No update: the initial fast weights are read.
    fixed_features,  ///< W1 alone is updated: phi stays the initial one.
};

/// One form for each layer; empty: the TTT step in all layers.
using LayerForms = std::vector<LayerForm>;

/// "ttt", "linear", "unchanged" or "fixed-features".
[[nodiscard]] std::string_view to_string(LayerForm form);
/// Parses what to_string() writes. Errors: any other text.
[[nodiscard]] Result<LayerForm> parse_layer_form(std::string_view text);

}  // namespace lact
