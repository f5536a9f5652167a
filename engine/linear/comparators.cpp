#include "engine/linear/comparators.h"

#include <algorithm>
#include <cmath>

namespace lact {
namespace {

/// gate^(later tokens) for `count` tokens in order: [1, count, 1].
at::Tensor remaining(const ComparedTokens& tokens, int64_t count) {
    const at::Tensor later = at::arange(count - 1, -1, -1, tokens.k.options());
    return (later * std::log(tokens.gate)).exp().reshape({1, -1, 1});
}

at::Tensor delta_weights(const ComparedTokens& tokens, const at::Tensor& q) {
    std::vector<at::Tensor> weights(static_cast<std::size_t>(tokens.tokens()));
    at::Tensor left = q;
    for (int64_t i = tokens.tokens() - 1; i >= 0; --i) {
        const at::Tensor key = tokens.k.narrow(1, i, 1);
        const at::Tensor weight = at::bmm(left, key.mT()) * tokens.beta.narrow(1, i, 1);
        left = left - weight * key;
        weights[static_cast<std::size_t>(i)] = weight;
    }
    return at::cat(weights, 2);
}

at::Tensor delta_view(const ComparedTokens& tokens, at::Tensor state, int64_t first) {
    for (int64_t i = first; i < first + tokens.tokens_per_view; ++i) {
        const at::Tensor key = tokens.k.narrow(1, i, 1);
        const at::Tensor missing = tokens.v.narrow(1, i, 1) - at::bmm(key, state);
        state = state + at::bmm(key.mT(), missing * tokens.beta.narrow(1, i, 1));
    }
    return state;
}

at::Tensor softmax_output(const ComparedTokens& tokens, const at::Tensor& q) {
    constexpr int64_t queries_at_once = 256;
    std::vector<at::Tensor> parts;
    for (int64_t first = 0; first < q.size(1); first += queries_at_once) {
        const at::Tensor some = q.slice(1, first, first + queries_at_once);
        parts.push_back(at::bmm(comparator_weights(Comparator::softmax, tokens, some), tokens.v));
    }
    return at::cat(parts, 1);
}

}  // namespace

std::string_view to_string(Comparator comparator) {
    switch (comparator) {
        case Comparator::softmax:
            return "softmax attention";
        case Comparator::linear:
            return "linear attention";
        case Comparator::gated:
            return "gated linear attention";
        case Comparator::delta:
            break;
    }
    return "DeltaNet";
}

std::string_view short_name(Comparator comparator) {
    switch (comparator) {
        case Comparator::softmax:
            return "softmax";
        case Comparator::linear:
            return "linear";
        case Comparator::gated:
            return "gated";
        case Comparator::delta:
            break;
    }
    return "delta";
}

ComparedTokens compared_tokens(const UpdateRule& rule, const LayerInputs& inputs) {
    const auto wide = [](const at::Tensor& x) { return x.to(at::kDouble); };
    ComparedTokens tokens;
    tokens.k = wide(inputs.tokens.k);
    tokens.v = wide(inputs.tokens.v);
    tokens.beta = rule.per_token_rate ? wide(inputs.tokens.lr1).clamp(0, 1)
                                      : at::ones({tokens.k.size(0), tokens.k.size(1), 1}, tokens.k.options());
    tokens.gate = std::exp(-1.0 / static_cast<double>(std::max<int64_t>(tokens.tokens() - 1, 1)));
    tokens.tokens_per_view = inputs.tokens_per_view;
    return tokens;
}

at::Tensor comparator_weights(Comparator comparator, const ComparedTokens& tokens, const at::Tensor& q) {
    const at::Tensor wide = q.to(at::kDouble);
    if (comparator == Comparator::delta) {
        return delta_weights(tokens, wide);
    }
    const at::Tensor products = at::bmm(wide, tokens.k.mT());
    switch (comparator) {
        case Comparator::softmax:
            return at::softmax(products / std::sqrt(static_cast<double>(wide.size(2))), 2);
        case Comparator::gated:
            return products * remaining(tokens, tokens.tokens()).mT();
        default:
            return products;
    }
}

std::vector<at::Tensor> comparator_states(Comparator comparator, const ComparedTokens& tokens) {
    std::vector<at::Tensor> states;
    if (comparator == Comparator::softmax) {
        return states;
    }
    const int64_t count = tokens.tokens_per_view;
    const bool gated = comparator == Comparator::gated;
    const double kept = gated ? std::pow(tokens.gate, static_cast<double>(count)) : 1;
    at::Tensor state = at::zeros({tokens.k.size(0), tokens.k.size(2), tokens.v.size(2)}, tokens.k.options());
    for (int64_t first = 0; first < tokens.tokens(); first += count) {
        if (comparator == Comparator::delta) {
            state = delta_view(tokens, state, first);
        } else {
            const at::Tensor keys = tokens.k.narrow(1, first, count);
            const at::Tensor written = gated ? keys * remaining(tokens, count) : keys;
            state = state * kept + at::bmm(written.mT(), tokens.v.narrow(1, first, count));
        }
        states.push_back(state);
    }
    return states;
}

at::Tensor comparator_output(Comparator comparator, const ComparedTokens& tokens, const at::Tensor& q) {
    const at::Tensor wide = q.to(at::kDouble);
    return comparator == Comparator::softmax ? softmax_output(tokens, wide)
                                             : at::bmm(wide, comparator_states(comparator, tokens).back());
}

at::Tensor mean_cosine(const at::Tensor& a, const at::Tensor& b) {
    const at::Tensor x = a.to(at::kDouble);
    const at::Tensor y = b.to(at::kDouble);
    const at::Tensor sizes = x.norm(2, {2}) * y.norm(2, {2});
    const at::Tensor cosine = (x * y).sum(2) / sizes;
    return at::where(sizes > 0, cosine, at::zeros_like(cosine)).mean(1);
}

}  // namespace lact
