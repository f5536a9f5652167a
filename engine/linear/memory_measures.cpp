#include "engine/linear/memory_measures.h"

#include "engine/linear/spectrum.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace lact {
namespace {

/// Rows of a matrix of cosines that exist at a time.
constexpr int64_t rows_at_a_time = 256;
/// Cosines that differ by less than this are equal: products of equal vectors differ by rounding.
constexpr double equal_cosines = 1e-12;

/// Unit vectors in fp64; zero stays zero.
at::Tensor directions(const at::Tensor& x) {
    const at::Tensor wide = x.to(at::kDouble);
    return wide / wide.norm(2, {2}, /*keepdim=*/true).clamp_min(1e-300);
}

UpdateTokens in_fp64(const UpdateTokens& tokens) {
    UpdateTokens wide = tokens;
    wide.k = tokens.k.to(at::kDouble);
    wide.v = tokens.v.to(at::kDouble);
    return wide;
}

/// Calls visit(cosines [n, rows, b], indices [rows] of the rows in `from`) for the spread rows of `from`.
template <class Visit>
void for_cosines(const at::Tensor& from, const at::Tensor& to, int64_t probes, Visit visit) {
    const at::Tensor chosen = spread_indices(from.size(1), probes).to(from.device());
    const at::Tensor columns = to.transpose(1, 2);
    for (int64_t first = 0; first < chosen.size(0); first += rows_at_a_time) {
        const at::Tensor rows = chosen.slice(0, first, first + rows_at_a_time);
        visit(at::matmul(from.index_select(1, rows), columns), rows);
    }
}

at::Tensor top1_recall(const at::Tensor& answers, const at::Tensor& values, int64_t probes) {
    at::Tensor hits = at::zeros({answers.size(0)}, answers.options());
    for_cosines(answers, values, probes, [&](const at::Tensor& cosines, const at::Tensor& rows) {
        const at::Tensor largest = std::get<0>(cosines.max(2, /*keepdim=*/true));
        const at::Tensor nearest = (cosines >= largest - equal_cosines).to(at::kDouble);
        const at::Tensor own =
            nearest.gather(2, rows.reshape({1, -1, 1}).expand({cosines.size(0), -1, 1})).squeeze(2);
        hits += (own / nearest.sum(2)).sum(1);
    });
    return hits / static_cast<double>(std::min(probes, answers.size(1)));
}

}  // namespace

at::Tensor spread_indices(int64_t all, int64_t count) {
    const int64_t kept = std::min(all, count);
    return at::floor_divide(at::arange(kept, at::kLong) * all, kept);
}

MemoryMeasures memory_measures(const UpdateRule& rule, const FastWeights& state, const UpdateTokens& tokens,
                               int64_t probes) {
    const FastWeights wide{state.w0.to(at::kDouble), state.w1.to(at::kDouble), state.w2.to(at::kDouble)};
    const UpdateTokens learned = in_fp64(tokens);
    const at::Tensor f = apply_fast_weights(rule.kernel, wide, learned.k);
    const at::Tensor answers = directions(f);
    const at::Tensor values = directions(learned.v);
    return {.loss = inner_loss(rule, wide, learned),
            .cosine = (answers * values).sum(2).mean(1),
            .recall = top1_recall(answers, values, probes),
            .norm = f.norm(2, {2}).mean(1)};
}

at::Tensor nearest_cosine(const at::Tensor& from, const at::Tensor& to, int64_t probes) {
    at::Tensor sum = at::zeros({from.size(0)}, from.options().dtype(at::kDouble));
    for_cosines(directions(from), directions(to), probes, [&](const at::Tensor& cosines, const at::Tensor&) {
        sum += std::get<0>(cosines.max(2)).sum(1);
    });
    return sum / static_cast<double>(std::min(probes, from.size(1)));
}

at::Tensor nearest_other_cosine(const at::Tensor& x, int64_t probes, int64_t block) {
    at::Tensor sum = at::zeros({x.size(0)}, x.options().dtype(at::kDouble));
    if (x.size(1) <= block) {
        return sum.fill_(std::numeric_limits<double>::quiet_NaN());
    }
    const at::Tensor units = directions(x);
    const at::Tensor blocks = at::floor_divide(at::arange(x.size(1), x.options().dtype(at::kLong)), block);
    for_cosines(units, units, probes, [&](at::Tensor cosines, const at::Tensor& rows) {
        const at::Tensor own = blocks.index_select(0, rows).unsqueeze(1) == blocks.unsqueeze(0);
        cosines.masked_fill_(own.unsqueeze(0), -std::numeric_limits<double>::infinity());
        sum += std::get<0>(cosines.max(2)).sum(1);
    });
    return sum / static_cast<double>(std::min(probes, x.size(1)));
}

}  // namespace lact
