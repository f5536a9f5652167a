#pragma once

#include "engine/model/config.h"
#include "engine/scene/camera.h"
#include "engine/ttt/update_rule.h"

#include <cstddef>

namespace lact {

/// Floating-point operations of one pass of LaCT-NVS, from its sizes alone: an addition and a multiplication
/// count as two. Products of matrices and weight normalisation are counted; softmax, norms, activations and
/// sums, a few per cent, are not.
struct Operations {
    double projections = 0;    ///< Embedding, attention and TTT projections, decoder.
    double attention = 0;      ///< softmax(q k^T) v within each view.
    double update = 0;         ///< Forward part and gradients of the inner loss, of all inner steps.
    double newton_schulz = 0;  ///< Of all inner steps; does not depend on the number of tokens.
    double normalisation = 0;  ///< Of the fast weights' columns.
    double apply = 0;          ///< f(q).
    double mlp = 0;

    [[nodiscard]] double total() const {
        return projections + attention + update + newton_schulz + normalisation + apply + mlp;
    }
};

/// Writing `views` input views of one size into the state: what the last layer does after its update is left
/// out, as it is in Session::set_up().
[[nodiscard]] Operations set_up_operations(const ModelConfig& config, const UpdateRule& rule,
                                           std::size_t views, Size size);

/// Reading one view from the state.
[[nodiscard]] Operations render_operations(const ModelConfig& config, const UpdateRule& rule, Size size);

}  // namespace lact
