#include "engine/linear/comparators.h"

#include "engine/core/counted.h"
#include "engine/experiment/experiment_list.h"
#include "engine/experiment/token_images.h"
#include "engine/linear/attention.h"
#include "engine/linear/form.h"
#include "engine/linear/spectrum.h"
#include "engine/model/rays.h"
#include "engine/session/inspection_state.h"

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <fmt/format.h>

namespace lact {
namespace {

/// Most queries of the target camera that outputs are compared for, evenly spread.
constexpr int64_t compared_queries = 512;

std::vector<std::string> cosine_columns() {
    std::vector<std::string> names{"layer"};
    for (const Comparator one : all_comparators) {
        names.emplace_back(to_string(one));
    }
    names.emplace_back("its own linear-attention form");
    return names;
}

double mean_value(const at::Tensor& x) {
    return x.mean().item<double>();
}

at::Tensor without_mean(const at::Tensor& x) {
    return x - x.mean(1, /*keepdim=*/true);
}

/// Delta S of the layer after its first `count` views, at the recorded inputs.
at::Tensor change_after_views(const UpdateRule& rule, const LayerInputs& inputs, int64_t count) {
    at::Tensor weights = at::zeros({inputs.views()}, inputs.tokens.k.options());
    weights.slice(0, 0, count).fill_(1);
    LayerInputs some = inputs;
    some.tokens.weight = token_weights(weights, inputs.tokens_per_view);
    return state_change(linear_form_of(rule, some));
}

class ComparatorsRun final : public ExperimentRun {
  public:
    ComparatorsRun(ExperimentInput input, const ExperimentSettings& settings)
        : input_(std::move(input)), settings_(settings) {
        const int layers = input_.session.model().config().layers;
        for (int layer = 0; layer < layers; ++layer) {
            if (settings_.layer < 0 || settings_.layer == layer) {
                layers_.push_back(layer);
            }
        }
        report_.tables.push_back({"cosine", cosine_columns(), {}});
        report_.tables.push_back({"cosine_centred", cosine_columns(), {}});
        report_.tables.push_back({"rank",
                                  {"layer", "photos", "the layer's Delta S", "linear attention",
                                   "gated linear attention", "DeltaNet"},
                                  {}});
        add_plots();
        add_remarks();
    }

    Result<bool> advance(const Job& job) override {
        if (!patch_) {
            LACT_CHECK(choose_patch(job));
        }
        LACT_CHECK(guarded(input_.session, "comparators",
                           [&]() -> Result<void> { return measure(layers_[done_], job); }));
        ++done_;
        report_.fraction = static_cast<double>(done_) / static_cast<double>(layers_.size());
        report_.finished = done_ == layers_.size();
        conclude();
        if (report_.finished && input_.session.rule().per_token_rate) {
            report_.settings.emplace_back("beta of DeltaNet",
                                          fmt::format("rate of W1; {:.0f} % of the tokens are clipped to 1",
                                                      100 * clipped_ / static_cast<double>(layers_.size())));
        }
        return !report_.finished;
    }

  private:
    static constexpr std::size_t columns = all_comparators.size() + 1;  ///< The last is the form itself.

    void add_plots() {
        ExperimentPlot outputs{.name = "outputs",
                               .title = "Cosine with the layer's output, both without their mean",
                               .kind = PlotKind::bars,
                               .x_label = "layer",
                               .y_label = "mean cosine"};
        for (const int layer : layers_) {
            outputs.ticks.push_back(fmt::format("layer {}", layer));
        }
        for (const Comparator one : all_comparators) {
            outputs.series.push_back({std::string(to_string(one)), {}, {}});
        }
        report_.plots.push_back(std::move(outputs));
        report_.plots.push_back({.name = "rank",
                                 .title = "Effective rank of what the photos wrote into the state",
                                 .x_label = "photos",
                                 .y_label = "effective rank"});
    }

    void add_remarks() {
        report_.remarks.emplace_back("Nothing is judged: the paper makes no claim about these numbers.");
        report_.remarks.push_back(fmt::format(
            "Cosine: with the layer's output o before the output norm, mean over the patches of the target "
            "camera (at most {}, evenly spread) and over heads. Centred: o and the output of the comparator "
            "both without their mean over these patches.",
            compared_queries));
        report_.remarks.emplace_back(
            "Comparators read the layer's q, k and v as they are, from S = 0, and nothing of them was "
            "trained. The network was trained with the TTT layer. So a low cosine does not mean that the "
            "comparator would be a worse layer.");
        const UpdateRule& rule = input_.session.rule();
        report_.remarks.push_back(fmt::format(
            "DeltaNet (arXiv 2406.06484): chunks of one token in the order of the views, {}. Gated linear "
            "attention (arXiv 2312.06635): no gate was trained; a constant decay stands for it, which leaves "
            "the first token 1/e of its weight.",
            rule.per_token_rate ? "beta is the learned rate of W1 clipped to [0, 1]"
                                : "beta is 1, as the rule has no rates"));
        report_.remarks.push_back(fmt::format(
            "Attention images: one row of A for one query patch, over the input photos; red is positive, "
            "blue negative, white zero, each layer scaled by its largest weight. The weights of "
            "comparators belong to v. Those of the layer are phi(q) phi(k)^T{} and belong to its effective "
            "values{}, with {}sign.",
            rule.orthogonalize ? " (value side of Muon)" : "", rule.orthogonalize ? " v P" : "",
            rule.per_token_rate ? "rate and " : ""));
        report_.remarks.emplace_back(
            "Queries and keys have unit length, so the logits of softmax attention are within 1 / sqrt(d_in) "
            "of 0: without a trained temperature its weights are nearly equal.");
        report_.remarks.emplace_back(
            "The rank after fewer photos is that at frozen features: the layer's inputs stay those of the "
            "set-up with all photos.");
        if (input_.session.rule().inner_steps > 1) {
            report_.remarks.emplace_back(
                "The attention row of the layer is that of its first inner step; weights of different steps "
                "must not be summed.");
        }
    }

    /// The patch that queries: the centre of the rendered object, or of the image.
    Result<void> choose_patch(const Job& job) {
        LACT_TRY(const Frame frame, input_.session.render(input_.camera, job));
        patch_ = central_patch(frame.image, input_.session.model().config().patch);
        report_.settings.emplace_back("query patch", fmt::format("{}, {}", (*patch_)[0], (*patch_)[1]));
        return {};
    }

    [[nodiscard]] LayerInputs of_heads(const LayerInputs& inputs) const {
        return settings_.head < 0 ? inputs : only(inputs, settings_.head);
    }

    Result<void> measure(int layer, const Job& job) {
        const Session& session = input_.session;
        const Network& network = session.model().parts().network;
        const auto photos = input_.scene->chosen(input_.inputs);
        const int heads = settings_.head < 0 ? network.config().ttt_heads() : 1;
        LACT_CHECK(check_layer(session.model(), photos, session.rule(), heads));
        LACT_TRY(const LayerInputs recorded, record_layer(network, session.rule(), session.state().fast,
                                                          posed_views(photos), layer, job));
        LACT_TRY(const LayerRead read,
                 record_read(network, session.rule(), session.state().fast,
                             pose_channels(std::span(&input_.camera, 1)).unsqueeze(0), layer, job));
        if (job.stopped()) {
            return cancelled();
        }
        LayerInputs inputs = recorded;
        inputs.q = read.q;
        inputs.o = read.o;
        inputs = of_heads(converted(inputs, at::kDouble));
        const ComparedTokens tokens = compared_tokens(session.rule(), inputs);
        const LinearForm form = linear_form_of(session.rule(), inputs);
        add_attention(layer, tokens, form, inputs.q.narrow(1, token_of_patch(), 1));
        add_outputs(layer, tokens, form, with_spread_queries(inputs, compared_queries));
        add_ranks(layer, tokens, inputs);
        clipped_ += mean_value((inputs.tokens.lr1 > 1).to(at::kDouble));
        return {};
    }

    void add_outputs(int layer, const ComparedTokens& tokens, const LinearForm& form,
                     const LayerInputs& inputs) {
        const at::Tensor mean = inputs.o.mean(1).square().sum(1) / inputs.o.square().sum(2).mean(1);
        common_ += mean_value(mean);
        std::vector<ExperimentCell> row{static_cast<double>(layer)};
        std::vector<ExperimentCell> centred = row;
        for (std::size_t i = 0; i < columns; ++i) {
            const at::Tensor o = i < all_comparators.size()
                                     ? comparator_output(all_comparators[i], tokens, inputs.q)
                                     : read_state(form, inputs.q);
            const double cosine = mean_value(mean_cosine(o, inputs.o));
            const double cosine_centred = mean_value(mean_cosine(without_mean(o), without_mean(inputs.o)));
            row.emplace_back(cosine);
            centred.emplace_back(cosine_centred);
            sums_[i] += cosine;
            sums_centred_[i] += cosine_centred;
            if (i < all_comparators.size()) {
                ExperimentSeries& series = report_.plots[0].series[i];
                series.x.push_back(static_cast<double>(done_));
                series.y.push_back(cosine_centred);
            }
        }
        report_.tables[0].rows.push_back(std::move(row));
        report_.tables[1].rows.push_back(std::move(centred));
    }

    [[nodiscard]] int64_t token_of_patch() const {
        const int across = input_.camera.width / input_.session.model().config().patch;
        return static_cast<int64_t>((*patch_)[1]) * across + (*patch_)[0];
    }

    /// Adds one row of photos to each contact image: those of the first of the chosen heads.
    void add_attention(int layer, const ComparedTokens& tokens, const LinearForm& form,
                       const at::Tensor& query) {
        const int patch = input_.session.model().config().patch;
        if (contacts_.empty()) {
            const auto photos = input_.scene->chosen(input_.inputs);
            contacts_.assign(columns, TokenSheet(photos, patch, layers_.size()));
        }
        for (std::size_t i = 0; i < all_comparators.size(); ++i) {
            contacts_[i].add_row(numbers(comparator_weights(all_comparators[i], tokens, query)[0]));
        }
        contacts_.back().add_row(numbers(attention_row(form, query, MuonFactor::right).weights.front()[0]));
        report_.images.clear();
        const std::string which =
            layers_.size() == 1 ? fmt::format("layer {}", layer) : "layers from the top";
        for (std::size_t i = 0; i < columns; ++i) {
            const bool own = i == all_comparators.size();
            const std::string_view name = own ? "TTT layer" : to_string(all_comparators[i]);
            report_.images.push_back(
                {fmt::format("attention_{}", own ? "layer" : short_name(all_comparators[i])),
                 fmt::format("{}: attention of patch {}, {} over the photos; {}, head {}", name, (*patch_)[0],
                             (*patch_)[1], which, std::max(settings_.head, 0)),
                 contacts_[i].image()});
        }
    }

    void add_ranks(int layer, const ComparedTokens& tokens, const LayerInputs& inputs) {
        const auto rank = [](const at::Tensor& state) {
            return mean_value(effective_rank(singular_values(state)));
        };
        constexpr std::array with_state = {Comparator::linear, Comparator::gated, Comparator::delta};
        std::array<std::vector<at::Tensor>, with_state.size()> states;
        for (std::size_t i = 0; i < with_state.size(); ++i) {
            states[i] = comparator_states(with_state[i], tokens);
        }
        ExperimentSeries own{fmt::format("layer {}", layer), {}, {}};
        std::array<ExperimentSeries, with_state.size()> others;
        for (int64_t photos = 1; photos <= inputs.views(); ++photos) {
            std::vector<ExperimentCell> row{static_cast<double>(layer), static_cast<double>(photos),
                                            rank(change_after_views(input_.session.rule(), inputs, photos))};
            own.x.push_back(static_cast<double>(photos));
            own.y.push_back(std::get<double>(row.back()));
            for (std::size_t i = 0; i < with_state.size(); ++i) {
                row.emplace_back(rank(states[i][static_cast<std::size_t>(photos - 1)]));
                others[i].x.push_back(static_cast<double>(photos));
                others[i].y.push_back(std::get<double>(row.back()));
            }
            report_.tables[2].rows.push_back(std::move(row));
        }
        first_rank_ += own.y.front();
        last_rank_ += own.y.back();
        report_.plots[1].series.push_back(std::move(own));
        if (layers_.size() == 1) {  // Curves of all layers and all comparators would hide each other.
            for (std::size_t i = 0; i < with_state.size(); ++i) {
                others[i].name = to_string(with_state[i]);
                report_.plots[1].series.push_back(std::move(others[i]));
            }
        }
    }

    void conclude() {
        const auto count = static_cast<double>(done_);
        std::size_t nearest = 0;
        std::string all;
        for (std::size_t i = 0; i < all_comparators.size(); ++i) {
            nearest = sums_centred_[i] > sums_centred_[nearest] ? i : nearest;
            all += fmt::format("{}{} {:.2f} ({:.2f})", i == 0 ? "" : ", ", to_string(all_comparators[i]),
                               sums_[i] / count, sums_centred_[i] / count);
        }
        report_.finding = fmt::format(
            "Cosine with the layer's output, and in brackets without the mean over the queries, which is "
            "{:.0f} % of |o|^2: {}. Nearest in brackets is {}. The layer's own linear-attention form has "
            "{:.4f} ({:.4f}). The effective rank of Delta S goes from {:.1f} with one photo to {:.1f} "
            "with {}. Means over {} of {}.",
            100 * common_ / count, all, to_string(all_comparators[nearest]), sums_.back() / count,
            sums_centred_.back() / count, first_rank_ / count, last_rank_ / count, input_.inputs.size(),
            done_, counted(layers_.size(), "layer"));
    }

    ExperimentInput input_;
    ExperimentSettings settings_;
    std::vector<int> layers_;
    std::optional<std::array<int, 2>> patch_;  ///< Column and row of the query.
    std::vector<TokenSheet> contacts_;
    std::array<double, columns> sums_{};
    std::array<double, columns> sums_centred_{};
    double common_ = 0;   ///< Sum over layers of the part of |o|^2 that is the mean.
    double clipped_ = 0;  ///< Sum over layers of the part of tokens whose beta is clipped.
    double first_rank_ = 0;
    double last_rank_ = 0;
    std::size_t done_ = 0;
};

}  // namespace

Experiment comparators_experiment() {
    return {
        .id = "comparators",
        .title = "Comparators",
        .claim =
            "A TTT layer is a learned linear attention: it mixes values with weights from a learned "
            "kernel and adds an initial state (arXiv 2602.21204, section 5). The paper does not compare its "
            "outputs with those of other attentions on the same q, k and v.",
        .summary =
            "Runs softmax attention, linear attention, gated linear attention and DeltaNet on the "
            "q, k and v of each layer, and measures the effective rank of what the photos write.",
        .uses = {.place = true, .all_places = true},
        .start = [](ExperimentInput input,
                    const ExperimentSettings& settings) -> Result<std::unique_ptr<ExperimentRun>> {
            return std::make_unique<ComparatorsRun>(std::move(input), settings);
        }};
}

}  // namespace lact
