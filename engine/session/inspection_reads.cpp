// Inspection: attention, shares, and the causal answer beside them.
#include "engine/model/rays.h"
#include "engine/session/inspection_state.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <fmt/format.h>

namespace lact {
namespace {

/// States of so many bytes are kept, one for each photo that was left out.
constexpr std::size_t largest_kept = std::size_t{256} << 20;

std::size_t bytes_of(const SceneState& state) {
    std::size_t bytes = 0;
    for (const FastWeights& layer : state) {
        bytes += layer.w0.nbytes() + layer.w1.nbytes() + layer.w2.nbytes();
    }
    return bytes;
}

/// Differences of two pictures of one size.
void compare(CausalAnswer& answer) {
    double sum = 0;
    for (std::size_t i = 0; i < answer.with.rgb.size(); ++i) {
        const double difference = std::abs(answer.with.rgb[i] - answer.without.rgb[i]);
        sum += difference;
        answer.largest_difference = std::max(answer.largest_difference, difference);
    }
    answer.mean_difference = sum / static_cast<double>(answer.with.rgb.size());
}

}  // namespace

Result<AttentionMap> Inspection::attention(Place place, const Query& query, Side side, const Job& job) {
    return guarded(state_->session, "attention", [&]() -> Result<AttentionMap> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        LACT_TRY(const LayerRead asked, state_->queries_of(place, query, job));
        const LinearForm form = only(layer->form, place.head);
        AttentionMap map;
        map.side = side;
        map.label = fmt::format(
            "memory read-out of layer {}, head {}, before the output norm, at fixed P and D, {} side",
            place.layer, place.head, to_string(side));
        at::Tensor tokens;
        at::Tensor s0;
        if (query.patch) {
            const AttentionRow row = attention_row(form, asked.q, attention_side(side));
            for (const at::Tensor& weights : row.weights) {
                map.weights.push_back(numbers(weights));
            }
            tokens = row.shares;
            s0 = row.s0;
        } else {
            const TokenShares shares = token_shares(form, asked.q, attention_side(side));
            tokens = shares.tokens;
            s0 = shares.s0;
        }
        map.tokens = numbers(tokens);
        map.views = numbers(view_sums(tokens.to(at::kDouble), layer->inputs.tokens_per_view));
        map.s0 = numbers(s0).front();
        if (!std::isfinite(map.s0)) {
            return fail("attention", "the read-out is zero or not finite: it has no shares");
        }
        return map;
    });
}

Result<std::vector<AttentionMap>> Inspection::attention_sheet(const Query& query, Side side, const Job& job) {
    const ModelConfig& config = state_->session.model().config();
    std::vector<AttentionMap> sheet;
    for (int layer = 0; layer < config.layers; ++layer) {
        for (int head = 0; head < config.ttt_heads(); ++head) {
            if (job.stopped()) {
                return cancelled();
            }
            LACT_TRY(AttentionMap map, attention({layer, head}, query, side, job));
            sheet.push_back(std::move(map));
        }
    }
    return sheet;
}

Result<TokenDetail> Inspection::token(Place place, std::size_t token, const Camera& camera, Side side,
                                      const Job& job) {
    return guarded(state_->session, "token", [&]() -> Result<TokenDetail> {
        if (token >= state_->grid.tokens()) {
            return fail("token",
                        fmt::format("{} is none of the {} input tokens", token, state_->grid.tokens()));
        }
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        LACT_TRY(const LayerRead asked, state_->queries_of(place, {camera, std::nullopt}, job));
        const LinearForm form = only(layer->form, place.head);
        const auto row = static_cast<int64_t>(token);
        TokenDetail detail;
        detail.token = token;
        detail.side = side;
        detail.columns = camera.width / state_->session.model().config().patch;
        const LinearBlock& first = form.blocks.front();
        detail.key = numbers(block_keys(first, attention_side(side)).narrow(1, row, 1));
        detail.value = numbers(block_values(first, attention_side(side)).narrow(1, row, 1));
        detail.reads = numbers(token_reads(form, asked.q, row, attention_side(side)));
        return detail;
    });
}

Result<CausalAnswer> Inspection::without_view(std::size_t view, const Camera& camera, const Job& job) {
    State& state = *state_;
    if (view >= state.inputs.size() || state.inputs.size() < 2) {
        return fail("inspection", fmt::format("view {} of {} cannot be left out", view, state.inputs.size()),
                    "Leaving a photo out needs at least two.");
    }
    if (!state.without.contains(view)) {
        std::vector<PreparedView> others = state.inputs;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(view));
        Session session = state.session.snapshot();
        LACT_CHECK(session.set_up(others, state.session.rule(), job));
        if (bytes_of(state.fast()) * state.inputs.size() > largest_kept) {
            state.without.clear();
        }
        state.without.emplace(view, std::move(session));
    }
    CausalAnswer answer;
    answer.view = view;
    LACT_TRY(Frame with, state.session.render(camera, job));
    LACT_TRY(Frame without, state.without.at(view).render(camera, job));
    answer.with = std::move(with.image);
    answer.without = std::move(without.image);
    compare(answer);
    return answer;
}

}  // namespace lact
