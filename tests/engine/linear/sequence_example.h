#pragma once

#include "engine/ttt/sequence_layer.h"
#include "tests/support/golden.h"

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/ATen.h>

namespace lact::test {

struct SequenceSizes {
    int64_t n = 6;
    int64_t length = 37;  ///< with chunks of 8 the last has 5
    int64_t d_in = 10;
    int64_t d_hidden = 14;
    int64_t d_out = 9;
    int64_t chunk = 8;
};

struct SequenceCase {
    SequenceRule rule;
    FastWeights initial;
    SequenceTokens tokens;
};

/// Seeded random inputs in fp64 of the kind a network gives, for a rule whose kernel may be the identity.
inline SequenceCase sequence_case(SequenceRule rule, const SequenceSizes& sizes = {}, int seed = 7) {
    at::manual_seed(static_cast<uint64_t>(seed));
    const auto options = at::TensorOptions(at::kDouble);
    const auto random = [&](int64_t rows, int64_t columns) {
        return at::randn({sizes.n, rows, columns}, options);
    };
    const auto unit = [&] {
        const at::Tensor x = at::silu(random(sizes.length, sizes.d_in));
        return x / (x.norm(2, {2}, true) + 1e-5);
    };
    const auto rate = [&] { return at::softplus(random(sizes.length, 1) - 2); };
    const bool identity = rule.rule.kernel == Kernel::identity;
    rule.chunk = sizes.chunk;
    SequenceCase result{rule, {}, {}};
    result.initial = {random(sizes.d_in, sizes.d_hidden) * 0.5,
                      random(identity ? sizes.d_in : sizes.d_hidden, sizes.d_out) * 0.5,
                      random(sizes.d_in, sizes.d_hidden) * 0.5};
    result.tokens = {unit(),
                     {unit(), at::silu(random(sizes.length, sizes.d_out)), rate(), rate(), rate(), {}},
                     at::sigmoid(random(sizes.length, 1))};
    auto& [w0, w1, w2] = result.initial;
    auto& write = result.tokens.write;
    for (at::Tensor* x : {&w0, &w1, &w2, &result.tokens.q, &write.k, &write.v, &write.lr0, &write.lr1,
                          &write.lr2, &result.tokens.momentum}) {
        *x = x->to(test_device());
    }
    return result;
}

/// All tensors of a case, to be told to record gradients.
inline std::vector<at::Tensor*> tensors_of(SequenceCase& one) {
    auto& write = one.tokens.write;
    return {&one.initial.w0, &one.initial.w1, &one.initial.w2, &one.tokens.q,       &write.k,
            &write.v,        &write.lr0,      &write.lr1,      &one.tokens.momentum};
}

/// The same case in another type.
inline SequenceCase converted(SequenceCase one, at::ScalarType type) {
    for (at::Tensor* x : tensors_of(one)) {
        *x = x->to(type);
    }
    one.tokens.write.lr2 = one.tokens.write.lr2.to(type);
    return one;
}

/// Every row of table 2 with and without Muon, momentum kept as the row has it, in both orders.
inline std::vector<SequenceRule> sequence_rules(int first_row, int last_row) {
    std::vector<SequenceRule> rules;
    for (int row = first_row; row <= last_row; ++row) {
        for (const bool muon : {true, false}) {
            for (const ChunkOrder order : {ChunkOrder::apply_update, ChunkOrder::update_apply}) {
                SequenceRule rule = *table2_rule(row);
                rule.rule.orthogonalize = rule.rule.orthogonalize && muon;
                rule.order = order;
                rules.push_back(rule);
            }
        }
    }
    return rules;
}

inline std::string described(const SequenceRule& rule) {
    return format(rule.rule) + (rule.order == ChunkOrder::apply_update ? " apply-update" : " update-apply") +
           (rule.norm == NormPlace::pre ? " prenorm" : "");
}

}  // namespace lact::test
