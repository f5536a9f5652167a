// Inspection: what the fast weights became, and what single views did to them.
#include "engine/linear/attention.h"
#include "engine/linear/muon_factor.h"
#include "engine/linear/spectrum.h"
#include "engine/session/inspection_state.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

namespace lact {
namespace {

constexpr std::array<FastMatrix, 3> all_matrices = {FastMatrix::w0, FastMatrix::w1, FastMatrix::w2};

double rank_of(const at::Tensor& sigma) {
    return numbers(effective_rank(sigma)).front();
}

double norm_of(const at::Tensor& x) {
    return x.to(at::kDouble).norm().item<double>();
}

}  // namespace

Result<std::array<MatrixSpectrum, 3>> Inspection::spectra(Place place, const Job& job) {
    return guarded(state_->session, "spectrum", [&]() -> Result<std::array<MatrixSpectrum, 3>> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        const LinearForm form = only(layer->form, place.head);
        const auto steps = step_spectra(state_->session.rule(), form.blocks.front());
        std::array<MatrixSpectrum, 3> result;
        for (std::size_t i = 0; i < result.size(); ++i) {
            MatrixSpectrum& one = result.at(i);
            one.which = all_matrices.at(i);
            if (steps.at(i).before.defined()) {
                one.gradient = numbers(steps.at(i).before);
                one.orthogonalized = numbers(steps.at(i).after);
                one.rank_gradient = rank_of(steps.at(i).before);
                one.rank_orthogonalized = rank_of(steps.at(i).after);
            }
            const auto index = static_cast<std::size_t>(place.layer);
            const at::Tensor change = part_of(state_->fast()[index], one.which)[place.head] -
                                      part_of(layer->form.initial, one.which)[place.head];
            const at::Tensor sigma = singular_values(change.unsqueeze(0));
            one.change = numbers(sigma);
            one.rank_change = rank_of(sigma);
        }
        return result;
    });
}

Result<std::vector<MatrixNorms>> Inspection::norms() const {
    return guarded(state_->session, "norms", [&]() -> Result<std::vector<MatrixNorms>> {
        std::vector<MatrixNorms> result;
        const ModelConfig& config = state_->network().config();
        for (int layer = 0; layer < config.layers; ++layer) {
            const FastWeights& updated = state_->fast()[static_cast<std::size_t>(layer)];
            for (int head = 0; head < config.ttt_heads(); ++head) {
                for (const FastMatrix which : all_matrices) {
                    const at::Tensor before =
                        part_of(state_->network().initial_fast_weights(layer), which)[head];
                    const at::Tensor after = part_of(updated, which)[head];
                    result.push_back(
                        {{layer, head}, which, norm_of(before), norm_of(after), norm_of(after - before)});
                }
            }
        }
        return result;
    });
}

Result<std::vector<std::vector<double>>> Inspection::layer_cosines(int head, FastMatrix which) const {
    LACT_CHECK(state_->check({0, head}));
    return guarded(state_->session, "cosines", [&]() -> Result<std::vector<std::vector<double>>> {
        const int layers = state_->network().config().layers;
        std::vector<at::Tensor> changes;
        for (int layer = 0; layer < layers; ++layer) {
            changes.push_back(part_of(state_->fast()[static_cast<std::size_t>(layer)], which)[head] -
                              part_of(state_->network().initial_fast_weights(layer), which)[head]);
        }
        const at::Tensor all = cosines(changes);
        std::vector<std::vector<double>> rows;
        for (int layer = 0; layer < layers; ++layer) {
            rows.push_back(numbers(all[layer]));
        }
        return rows;
    });
}

Result<TokenRates> Inspection::rates(Place place, const Job& job) {
    return guarded(state_->session, "rates", [&]() -> Result<TokenRates> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        const UpdateTokens& tokens = layer->inputs.tokens;
        return TokenRates{numbers(tokens.lr0[place.head]), numbers(tokens.lr1[place.head]),
                          numbers(tokens.lr2[place.head]), state_->session.rule().per_token_rate};
    });
}

Result<InnerLossCurve> Inspection::inner_loss(Place place, const Job& job) {
    return guarded(state_->session, "inner loss", [&]() -> Result<InnerLossCurve> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        const UpdateRule& rule = state_->session.rule();
        UpdateRule dot = rule;
        dot.loss = InnerLoss::dot;
        InnerLossCurve curve;
        const auto add = [&](const FastWeights& state) {
            const auto at_state = [&](const UpdateRule& r) {
                return numbers(lact::inner_loss(r, state, layer->inputs.tokens)[place.head]).front();
            };
            curve.rule.push_back(at_state(rule));
            curve.dot.push_back(at_state(dot));
        };
        for (const LinearBlock& block : layer->form.blocks) {
            add(block.before);
        }
        add(layer->form.updated);
        return curve;
    });
}

Result<std::vector<ViewGradientShares>> Inspection::view_gradients(Place place, const Job& job) {
    return guarded(state_->session, "view gradients", [&]() -> Result<std::vector<ViewGradientShares>> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        const LayerInputs one = only(layer->inputs, place.head);
        const ViewGradients views =
            lact::view_gradients(state_->session.rule(), one.initial, one.tokens, one.tokens_per_view);
        std::vector<ViewGradientShares> result;
        for (const FastMatrix which : all_matrices) {
            const at::Tensor& g = which == FastMatrix::w0   ? views.g0
                                  : which == FastMatrix::w1 ? views.g1
                                                            : views.g2;
            if (!g.defined()) {
                continue;
            }
            const at::Tensor each = g.to(at::kDouble).flatten(1);
            const at::Tensor sum = each.sum(0);
            result.push_back(
                {which, numbers(each.norm(2, {1})), numbers(at::matmul(each, sum) / sum.square().sum())});
        }
        return result;
    });
}

Result<Matrix> Inspection::reweighted(const MatrixKey& key, std::span<const double> view_weights,
                                      Features features, const Job& job) {
    State& state = *state_;
    LACT_CHECK(state.check({key.layer, key.head}));
    if (view_weights.size() != state.inputs.size()) {
        return fail("view weights",
                    fmt::format("there are {} for {} input views", view_weights.size(), state.inputs.size()));
    }
    const std::vector<double> weights(view_weights.begin(), view_weights.end());
    if (features == Features::recomputed) {
        if (!state.reweighted || state.reweighted->first != weights) {
            Session session = state.session.snapshot();
            LACT_CHECK(session.set_up(state.inputs, state.session.rule(), job, weights));
            state.reweighted.emplace(weights, std::move(session));
        }
        LACT_TRY(Matrix matrix, state.reweighted->second.fast_weights(key));
        matrix.generation = state.session.generation();
        return matrix;
    }
    return guarded(state.session, "view weights", [&]() -> Result<Matrix> {
        LACT_TRY(const auto* layer, state.layer_at({key.layer, key.head}, job));
        const LayerInputs one = only(layer->inputs, key.head);
        const at::Tensor before = part_of(one.initial, key.which)[0];
        if (key.when == MatrixTime::initial) {
            return state.matrix_of(key, before);
        }
        const FastWeights after =
            state_with_view_weights(state.session.rule(), one, at::tensor(weights, at::kDouble));
        const at::Tensor updated = part_of(after, key.which)[0];
        return state.matrix_of(key, key.when == MatrixTime::updated ? updated : updated - before);
    });
}

}  // namespace lact
