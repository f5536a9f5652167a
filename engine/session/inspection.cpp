#include "engine/session/inspection.h"

#include "engine/core/counted.h"
#include "engine/linear/attention.h"
#include "engine/linear/equivalence.h"
#include "engine/linear/spectrum.h"
#include "engine/metrics/metrics.h"
#include "engine/model/safetensors.h"
#include "engine/session/inspection_export.h"
#include "engine/session/inspection_state.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <ATen/ATen.h>
#include <fmt/format.h>

namespace lact {
namespace {

Result<at::Tensor> of_step(const LinearBlock& block, LinearMatrix which) {
    switch (which) {
        case LinearMatrix::keys:
            return block.phi_k;
        case LinearMatrix::values:
            return block.v_hat;
        case LinearMatrix::effective_keys:
            return block_keys(block, MuonFactor::left);
        case LinearMatrix::effective_values:
            return block_values(block, MuonFactor::right);
        case LinearMatrix::gradient:
            return block.g1;
        case LinearMatrix::orthogonalized:
            return orthogonalized_by(block.muon, block.g1);
        case LinearMatrix::muon_left:
        case LinearMatrix::muon_right:
            if (!block.muon.p_left.defined()) {
                return fail("inspection", "the rule does not orthogonalise: Muon's factors do not exist");
            }
            return which == LinearMatrix::muon_left ? block.muon.p_left : block.muon.p_right;
        default:
            return fail("inspection", "this matrix does not belong to a step");
    }
}

/// Most bytes of cached states, one for each photo that was left out.
constexpr std::size_t largest_kept = std::size_t{256} << 20;

std::size_t bytes_of(const SceneState& state) {
    std::size_t bytes = 0;
    for (const FastWeights& layer : state) {
        bytes += layer.w0.nbytes() + layer.w1.nbytes() + layer.w2.nbytes();
    }
    return bytes;
}

/// Fills in the differences of the two images, which have one size.
void fill_differences(CausalAnswer& answer) {
    double sum = 0;
    for (std::size_t i = 0; i < answer.with.rgb.size(); ++i) {
        const double difference = std::abs(answer.with.rgb[i] - answer.without.rgb[i]);
        sum += difference;
        answer.largest_difference = larger_or_nan(answer.largest_difference, difference);
    }
    answer.mean_difference = sum / static_cast<double>(answer.with.rgb.size());
}

std::string attention_label(Place place, const AttentionOptions& options) {
    return fmt::format("{}layer {}, head {}, before the output norm, at fixed P and D, {} factor",
                       options.of == ShareOf::centred
                           ? "difference from the mean read-out over all patches of the view, "
                           : "memory read-out of ",
                       place.layer, place.head, to_string(options.factor));
}

tl::unexpected<Error> no_shares(const char* where, ShareOf of) {
    return of == ShareOf::centred
               ? fail(where,
                      "an output equals the mean over all patches of the view, or is not finite: it has no "
                      "centred shares",
                      "Choose shares of the whole output.")
               : fail(where, "the output is zero or not finite: it has no shares");
}

constexpr std::array<FastMatrix, 3> all_matrices = {FastMatrix::w0, FastMatrix::w1, FastMatrix::w2};

double rank_of(const at::Tensor& sigma) {
    return numbers(effective_rank(sigma)).front();
}

double norm_of(const at::Tensor& x) {
    return x.to(at::kDouble).norm().item<double>();
}

/// W1 [d_h, d_out] of the TTT step from the recorded inputs of one head, in fp64 with Newton-Schulz in fp64.
at::Tensor exact_w1_of(const UpdateRule& rule, const LayerInputs& inputs) {
    const LayerInputs wide = converted(inputs, at::kDouble);
    return update_fast_weights(rule, wide.initial, wide.tokens).w1[0];
}

/// The linear-attention form of one head in fp64. Muon amplifies rounding of fp32 features to 1e-5 of S.
LinearForm exact_form_of(const UpdateRule& rule, const LayerInputs& inputs) {
    return linear_form_of(rule, converted(inputs, at::kDouble));
}

MatrixDistance distance_of(const at::Tensor& a, const at::Tensor& b) {
    const at::Tensor difference = a - b;
    return {difference.abs().max().item<double>() / a.abs().max().item<double>(),
            difference.norm().item<double>() / a.norm().item<double>()};
}

/// The precision of running fast weights: "Newton-Schulz in bf16".
std::string precision_name(const UpdateRule& rule, Precision products) {
    std::string name;
    if (products != Precision::fp32 || !rule.orthogonalize) {
        name = fmt::format("matrix products in {}", to_string(products));
    }
    if (rule.orthogonalize) {
        name += fmt::format("{}Newton-Schulz in {}", name.empty() ? "" : ", ",
                            newton_schulz_precision(rule, products));
    }
    return name;
}

}  // namespace

std::string distance_text(const StateDistance& distance, bool recomputed) {
    const auto percent = [](double x) {
        return 100 * x >= 0.01 ? fmt::format("{:.2g} %", 100 * x) : fmt::format("{:.1e}", x);
    };
    const MatrixDistance& one = recomputed ? distance.exact : distance.running;
    return fmt::format(
        "{} differs from S by {} of its largest entry, {} in Frobenius norm.",
        recomputed ? "W1 recomputed in fp64" : fmt::format("W1 as it runs ({})", distance.running_name),
        percent(one.largest), percent(one.frobenius));
}

Inspection::Inspection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Inspection::~Inspection() = default;
Inspection::Inspection(Inspection&&) noexcept = default;
Inspection& Inspection::operator=(Inspection&&) noexcept = default;

Result<Inspection> Inspection::of(const Session& session, std::vector<PreparedView> inputs) {
    if (!session.ready()) {
        return fail("inspection", "there is no state yet: the input views were not set up");
    }
    LACT_CHECK(check_set_up(session.model(), inputs, session.rule()));
    auto state = std::make_unique<State>(session.snapshot());
    const int patch = session.model().config().patch;
    for (const PreparedView& view : inputs) {
        state->grid.views.push_back(view.index);
    }
    state->grid.rows = inputs.front().camera.height / patch;
    state->grid.columns = inputs.front().camera.width / patch;
    state->inputs = std::move(inputs);
    return Inspection(std::move(state));
}

const Session& Inspection::session() const {
    return state_->session;
}
const std::vector<PreparedView>& Inspection::inputs() const {
    return state_->inputs;
}
const TokenGrid& Inspection::grid() const {
    return state_->grid;
}

Result<Matrix> Inspection::linear_matrix(Place place, LinearMatrix which, int step, const Job& job) {
    return guarded(state_->session, "inspection", [&]() -> Result<Matrix> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        const auto steps = static_cast<int>(layer->form.blocks.size());
        if (step < 0 || step >= steps) {
            return fail("inspection", fmt::format("inner step {} is not there: 0 to {}", step, steps - 1));
        }
        const MatrixKey key{place.layer, place.head, FastMatrix::w1, MatrixTime::updated};
        const auto made = [&](const at::Tensor& x) { return state_->matrix_of(key, x[place.head]); };
        const UpdateRule& rule = state_->session.rule();
        const auto head = [&] { return only(layer->inputs, place.head); };
        switch (which) {
            case LinearMatrix::k:
                return made(layer->inputs.tokens.k);
            case LinearMatrix::v:
                return made(layer->inputs.tokens.v);
            case LinearMatrix::initial_state:
                return made(layer->form.initial.w1);
            case LinearMatrix::state_change:
                return state_->matrix_of(key, state_change(exact_form_of(rule, head()))[0]);
            case LinearMatrix::state:
                return state_->matrix_of(key, state_matrix(exact_form_of(rule, head()))[0]);
            case LinearMatrix::updated_w1:
                return made(state_->fast()[static_cast<std::size_t>(place.layer)].w1);
            case LinearMatrix::exact_w1:
                return state_->matrix_of(key, exact_w1_of(rule, head()));
            default:
                break;
        }
        LACT_TRY(const at::Tensor x, of_step(layer->form.blocks[static_cast<std::size_t>(step)], which));
        return made(x);
    });
}

Result<StateDistance> Inspection::state_distance(Place place, const Job& job) {
    return guarded(state_->session, "inspection", [&]() -> Result<StateDistance> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        const UpdateRule& rule = state_->session.rule();
        const LayerInputs head = only(layer->inputs, place.head);
        const at::Tensor s = state_matrix(exact_form_of(rule, head))[0];
        const at::Tensor running = state_->fast()[static_cast<std::size_t>(place.layer)].w1[place.head];
        return StateDistance{distance_of(running.to(s.device(), at::kDouble), s),
                             distance_of(exact_w1_of(rule, head), s),
                             precision_name(rule, state_->session.model().precision())};
    });
}

Result<Matrix> Inspection::read_matrix(Place place, ReadMatrix which, const Query& query, const Job& job) {
    return guarded(state_->session, "inspection", [&]() -> Result<Matrix> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        LACT_TRY(const LayerRead read, state_->queries_of(place, query, job));
        const LinearForm form = only(layer->form, place.head);
        const auto chosen = [&] {
            switch (which) {
                case ReadMatrix::q:
                    return read.q;
                case ReadMatrix::features:
                    return form_features(form.kernel, form.updated, read.q);
                case ReadMatrix::output:
                    return read.o;
                case ReadMatrix::form_output:
                    break;
            }
            return read_state(form, read.q);
        };
        return state_->matrix_of({place.layer, place.head, FastMatrix::w1, MatrixTime::updated}, chosen()[0]);
    });
}

Result<EquivalenceRow> Inspection::difference(Place place, const Camera& camera, const Job& job) {
    return guarded(state_->session, "equivalence check", [&]() -> Result<EquivalenceRow> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        LACT_TRY(const LayerRead read, state_->queries_of(place, {camera, {}}, job));
        LayerInputs one = only(layer->inputs, place.head);
        one.q = read.q;
        one.o = read.o;
        const UpdateRule& rule = state_->session.rule();
        return row_of(
            place.layer, place.head, format(rule),
            compare_forms(rule, with_spread_queries(one, largest_query_count), largest_compared_output(rule))
                .front());
    });
}

Result<AttentionMap> Inspection::attention(Place place, const Query& query, const AttentionOptions& options,
                                           const Job& job) {
    return guarded(state_->session, "attention", [&]() -> Result<AttentionMap> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        LACT_TRY(const LayerRead all, state_->queries_of(place, {query.camera, std::nullopt}, job));
        LACT_TRY(const LayerRead read, state_->queries_of(place, query, job));
        const LinearForm form = only(layer->form, place.head);
        const MeanRead over_all = mean_read(form, all.q);
        const MeanRead mean = options.of == ShareOf::centred ? over_all : MeanRead{};
        AttentionMap map;
        map.options = options;
        map.label = attention_label(place, options);
        map.mean_fraction = numbers(over_all.fraction).front();
        at::Tensor tokens;
        if (query.patch) {
            const AttentionRow row = attention_row(form, read.q, options.factor, mean);
            for (const at::Tensor& weights : row.weights) {
                map.weights.push_back(numbers(weights));
                map.entropy_bits.push_back(numbers(entropy_bits(weights)).front());
            }
            tokens = row.shares;
            map.s0 = numbers(row.s0).front();
        } else {
            const TokenShares shares = token_shares(form, read.q, options.factor, mean);
            tokens = shares.tokens;
            map.s0 = numbers(shares.s0).front();
        }
        map.tokens = numbers(tokens);
        map.views = numbers(view_sums(tokens, layer->inputs.tokens_per_view));
        map.sum = numbers(tokens.sum(1)).front();
        map.absolute_sum = numbers(tokens.abs().sum(1)).front();
        if (!std::isfinite(map.s0) || !std::isfinite(map.absolute_sum)) {
            return no_shares("attention", options.of);
        }
        return map;
    });
}

Result<std::vector<AttentionMap>> Inspection::attention_sheet(const Query& query,
                                                              const AttentionOptions& options,
                                                              const Job& job) {
    const ModelConfig& config = state_->session.model().config();
    std::vector<AttentionMap> sheet;
    for (int layer = 0; layer < config.layers; ++layer) {
        for (int head = 0; head < config.ttt_heads(); ++head) {
            if (job.stopped()) {
                return cancelled();
            }
            LACT_TRY(AttentionMap map, attention({layer, head}, query, options, job));
            sheet.push_back(std::move(map));
        }
    }
    return sheet;
}

Result<TokenDetail> Inspection::token(Place place, std::size_t token, const Camera& camera,
                                      const AttentionOptions& options, const Job& job) {
    return guarded(state_->session, "token", [&]() -> Result<TokenDetail> {
        if (token >= state_->grid.tokens()) {
            return fail("token", fmt::format("{} is none of {}", token,
                                             counted(state_->grid.tokens(), "input token")));
        }
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        LACT_TRY(const LayerRead read, state_->queries_of(place, {camera, std::nullopt}, job));
        const LinearForm form = only(layer->form, place.head);
        const MeanRead mean = options.of == ShareOf::centred ? mean_read(form, read.q) : MeanRead{};
        const auto row = static_cast<int64_t>(token);
        TokenDetail detail;
        detail.token = token;
        detail.options = options;
        detail.columns = camera.width / state_->session.model().config().patch;
        const LinearBlock& first = form.blocks.front();
        detail.key = numbers(block_keys(first, options.factor).narrow(1, row, 1));
        detail.value = numbers(block_values(first, options.factor).narrow(1, row, 1));
        const at::Tensor reads = token_reads(form, read.q, row, options.factor, mean);
        if (!at::isfinite(reads).all().item<bool>()) {
            return no_shares("token", options.of);
        }
        detail.reads = numbers(reads);
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
    fill_differences(answer);
    return answer;
}

Result<std::array<MatrixSpectrum, 3>> Inspection::spectra(Place place, const Job& job) {
    return guarded(state_->session, "spectrum", [&]() -> Result<std::array<MatrixSpectrum, 3>> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        const LinearForm form = only(layer->form, place.head);
        const UpdateRule& rule = state_->session.rule();
        const auto steps = step_spectra(rule, form.blocks.front());
        std::array<MatrixSpectrum, 3> result;
        for (std::size_t i = 0; i < result.size(); ++i) {
            MatrixSpectrum& one = result.at(i);
            one.which = all_matrices.at(i);
            if (steps.at(i).before.defined()) {
                one.gradient = numbers(steps.at(i).before);
                one.rank_gradient = rank_of(steps.at(i).before);
            }
            if (rule.orthogonalize && steps.at(i).after.defined()) {
                one.orthogonalized = numbers(steps.at(i).after);
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

Result<TokenRates> Inspection::rates(Place place, const Job& job) {
    return guarded(state_->session, "rates", [&]() -> Result<TokenRates> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        const UpdateTokens& tokens = layer->inputs.tokens;
        const UpdateRule& rule = state_->session.rule();
        const bool all = rule.kernel == Kernel::swiglu && rule.updated == UpdatedMatrices::all;
        const std::array<bool, 3> used = {rule.per_token_rate && all, rule.per_token_rate,
                                          rule.per_token_rate && all};
        return TokenRates{numbers(tokens.lr0[place.head]), numbers(tokens.lr1[place.head]),
                          numbers(tokens.lr2[place.head]), used};
    });
}

Result<InnerLossCurve> Inspection::inner_loss(Place place, const Job& job) {
    return guarded(state_->session, "inner loss", [&]() -> Result<InnerLossCurve> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        const UpdateRule& rule = state_->session.rule();
        const LayerInputs all{
            state_->network().initial_fast_weights(place.layer), layer->recorded, {}, {}, 0};
        std::vector<FastWeights> states;
        // Of all heads at once, as in the layer, and not those of the form, which does not round as it does.
        UpdateRule but_the_last = rule;
        --but_the_last.inner_steps;
        static_cast<void>(update_fast_weights(but_the_last, all.initial, all.tokens, &states));
        states.push_back(state_->fast()[static_cast<std::size_t>(place.layer)]);
        const UpdateTokens tokens = converted(only(all, place.head), states.back().w1.scalar_type()).tokens;
        UpdateRule dot = rule;
        dot.loss = InnerLoss::dot;
        InnerLossCurve curve;
        const auto add = [&](const FastWeights& state) {
            const auto head = [&](const at::Tensor& x) { return x.slice(0, place.head, place.head + 1); };
            const FastWeights of_head{head(state.w0), head(state.w1), head(state.w2)};
            const auto at_state = [&](const UpdateRule& r) {
                return numbers(lact::inner_loss(r, of_head, tokens)[0]).front();
            };
            curve.rule.push_back(at_state(rule));
            curve.dot.push_back(at_state(dot));
        };
        std::ranges::for_each(states, add);
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
        return fail("view weights", fmt::format("there are {} for {}", view_weights.size(),
                                                counted(state.inputs.size(), "input view")));
    }
    const std::vector<double> weights(view_weights.begin(), view_weights.end());
    if (features == Features::recomputed) {
        if (!state.reweighted || state.reweighted->first != weights) {
            Session session = state.session.snapshot();
            LACT_CHECK(session.set_up(state.inputs, state.session.rule(), job, {weights, {}}));
            state.reweighted.emplace(weights, std::move(session));
        }
        LACT_TRY(Matrix matrix, state.reweighted->second.fast_weights(key));
        matrix.generation = state.session.generation();
        return matrix;
    }
    return guarded(state.session, "view weights", [&]() -> Result<Matrix> {
        LACT_TRY(const auto* layer, state.layer_at({key.layer, key.head}, job));
        const FastWeights& initial = state.network().initial_fast_weights(key.layer);
        const at::Tensor before = part_of(initial, key.which)[key.head];
        if (key.when == MatrixTime::initial) {
            return state.matrix_of(key, before);
        }
        // Of all heads at once, as in the layer: the form of one head does not round as it does.
        const FastWeights after = state_with_view_weights(
            state.session.rule(), {initial, layer->recorded, {}, {}, layer->inputs.tokens_per_view},
            at::tensor(weights, at::kDouble));
        const at::Tensor updated = part_of(after, key.which)[key.head];
        return state.matrix_of(key, key.when == MatrixTime::updated ? updated : updated - before);
    });
}

Result<void> Inspection::write_tensors(const std::filesystem::path& path, Place place, const Query& query,
                                       MuonFactor factor, const std::map<std::string, std::string>& metadata,
                                       const Job& job) {
    return guarded(state_->session, "export", [&]() -> Result<void> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        LACT_TRY(const LayerRead all, state_->queries_of(place, {query.camera, std::nullopt}, job));
        LACT_TRY(const LayerRead read, state_->queries_of(place, query, job));
        const FastWeights& fast = state_->fast()[static_cast<std::size_t>(place.layer)];
        const auto head = [&](const at::Tensor& x) { return x.slice(0, place.head, place.head + 1); };
        const at::Tensor exact_w1 = exact_w1_of(state_->session.rule(), only(layer->inputs, place.head));
        TensorFile file = inspection_tensors({only(layer->inputs, place.head),
                                              only(layer->form, place.head),
                                              {head(fast.w0), head(fast.w1), head(fast.w2)},
                                              read,
                                              all.q,
                                              exact_w1.unsqueeze(0)},
                                             factor);
        file.metadata = metadata;
        file.metadata["rule"] = format(state_->session.rule());
        file.metadata["layer"] = std::to_string(place.layer);
        file.metadata["head"] = std::to_string(place.head);
        file.metadata["side"] = std::string(to_string(factor));
        file.metadata["tokens_per_view"] = std::to_string(layer->inputs.tokens_per_view);
        return write_safetensors(path, file);
    });
}

}  // namespace lact
