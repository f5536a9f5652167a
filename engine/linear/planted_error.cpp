#include "engine/linear/planted_error.h"

#include "engine/linear/equivalence.h"
#include "engine/ttt/fast_weights.h"
#include "engine/ttt/newton_schulz.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {
namespace {

struct ErrorName {
    PlantedError error;
    std::string_view name;
    std::string_view description;
};

constexpr std::array<ErrorName, planted_errors.size() + 1> error_names = {
    {{PlantedError::none, "none", "The TTT step as it is."},
     {PlantedError::sign, "sign", "The update is added to W1 with the wrong sign."},
     {PlantedError::rates, "rates", "The learned rates of W0 and W1 are swapped."},
     {PlantedError::stale_features, "stale-features",
      "The queries are read with W0 and W2 from before the step."},
     {PlantedError::half_newton_schulz, "half-newton-schulz",
      "Newton-Schulz inside the step runs in 16-bit floating point (fp16)."},
     {PlantedError::altered_value, "altered-value",
      "One entry of one value v is changed by a thousandth of the largest entry of v."},
     {PlantedError::norm_axis, "norm-axis",
      "The weight norm acts over the rows of each matrix in place of its columns."}}};

const ErrorName& row_of_error(PlantedError error) {
    return *std::ranges::find(error_names, error, &ErrorName::error);
}

/// M(G) with Newton-Schulz in fp16, in the type of G.
FastWeights orthogonalized_in_half(const UpdateRule& rule, const FastWeights& gradient) {
    if (!rule.orthogonalize) {
        return gradient;
    }
    const auto one = [&](const at::Tensor& g) {
        return g.defined()
                   ? newton_schulz(g.to(at::kFloat), rule.ns_steps, NsPrecision::fp16).to(g.scalar_type())
                   : g;
    };
    return {one(gradient.w0), one(gradient.w1), one(gradient.w2)};
}

/// The weight norm over the wrong axis: sets the norms of rows in place of columns.
FastWeights renormalize_rows(const UpdateRule& rule, const FastWeights& weights,
                             const FastWeights& reference) {
    const auto turned = [](const FastWeights& w) {
        return FastWeights{w.w0.defined() ? w.w0.mT() : w.w0, w.w1.mT(), w.w2.defined() ? w.w2.mT() : w.w2};
    };
    return turned(renormalize_columns(rule, turned(weights), turned(reference)));
}

/// The values with the first entry of the first token changed, in each of n.
at::Tensor with_altered_entry(const at::Tensor& v) {
    at::Tensor altered = v.clone();
    altered.select(1, 0).select(1, 0).add_(v.abs().amax({1, 2}), 1e-3);
    return altered;
}

UpdateTokens tokens_with(PlantedError error, UpdateTokens tokens) {
    if (error == PlantedError::rates) {
        std::swap(tokens.lr0, tokens.lr1);
    } else if (error == PlantedError::altered_value) {
        tokens.v = with_altered_entry(tokens.v);
    }
    return tokens;
}

/// One inner step with the mistake.
FastWeights wrong_step(PlantedError error, const UpdateRule& rule, const FastWeights& weights,
                       const FastWeights& initial, const UpdateTokens& tokens) {
    const FastWeights gradient = inner_gradient(rule, weights, tokens);
    FastWeights change = error == PlantedError::half_newton_schulz ? orthogonalized_in_half(rule, gradient)
                                                                   : orthogonalized(rule, gradient);
    if (error == PlantedError::sign) {
        change.w1 = -change.w1;
    }
    const FastWeights updated = apply_update(rule, weights, change);
    return error == PlantedError::norm_axis ? renormalize_rows(rule, updated, initial)
                                            : renormalize_columns(rule, updated, initial);
}

}  // namespace

std::string_view to_string(PlantedError error) {
    return row_of_error(error).name;
}

Result<PlantedError> parse_planted_error(std::string_view text) {
    const auto* found = std::ranges::find(error_names, text, &ErrorName::name);
    if (found == error_names.end()) {
        std::vector<std::string_view> names;
        for (const ErrorName& one : error_names) {
            names.push_back(one.name);
        }
        return fail("planted error", fmt::format("'{}' is not known", text),
                    fmt::format("Use one of {}.", fmt::join(names, ", ")));
    }
    return found->error;
}

std::string_view description_of(PlantedError error) {
    return row_of_error(error).description;
}

bool applies(PlantedError error, const UpdateRule& rule) {
    switch (error) {
        case PlantedError::none:
            return false;
        case PlantedError::sign:
        case PlantedError::altered_value:
            return true;
        case PlantedError::rates:
            return rule.per_token_rate;
        case PlantedError::stale_features:
            return rule.kernel == Kernel::swiglu && rule.updated == UpdatedMatrices::all;
        case PlantedError::half_newton_schulz:
            return rule.orthogonalize;
        case PlantedError::norm_axis:
            return rule.weight_norm;
    }
    return false;
}

TttStep planted_step(PlantedError error) {
    return [error](const UpdateRule& rule, const LayerInputs& inputs) {
        const UpdateTokens tokens = tokens_with(error, inputs.tokens);
        TttRun run;
        run.states.push_back(inputs.initial);
        for (int i = 0; i < rule.inner_steps; ++i) {
            const FastWeights before = run.states.back();
            const FastWeights after = wrong_step(error, rule, before, inputs.initial, tokens);
            run.states.push_back(after);
            run.readers.push_back(
                error == PlantedError::stale_features ? FastWeights{before.w0, after.w1, before.w2} : after);
        }
        return run;
    };
}

}  // namespace lact
