#include "engine/core/counted.h"
#include "engine/experiment/experiment_list.h"
#include "engine/experiment/projection.h"
#include "engine/experiment/verdict.h"
#include "engine/linear/layer_inputs.h"
#include "engine/linear/memory_measures.h"
#include "engine/model/rays.h"
#include "engine/session/inspection_state.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace lact {
namespace {

/// Vectors of one kind that are compared with the nearest of another; evenly spread over all of them.
constexpr int64_t nearest_probes = 1024;
/// Points of a plot, of both kinds together.
constexpr std::size_t largest_points = 1000;
/// Pairs of points that one piece of t-SNE goes through: less than half a second.
constexpr std::size_t pairs_of_a_piece = 40'000'000;

/// Cosines to the nearest vector of one layer and head, mean over tokens.
struct NearestCosines {
    int layer = 0;
    int head = 0;
    double q_to_k = 0;
    double k_to_k = 0;
    double o_to_v = 0;
    double v_to_v = 0;
    double k_to_other_view = 0;  ///< To the nearest key of another view; NaN where there is one view.
};

/// Vectors of the camera (queries or outputs) and of the input tokens (keys or values), the first spread
/// evenly, as one set: those of the camera come first.
struct VectorPair {
    PointSet points;
    std::vector<std::size_t> camera_tokens;  ///< Index in the camera's patches of each of its points.
    std::vector<std::size_t> input_tokens;   ///< Index in the input tokens.
};

std::vector<std::size_t> indices_of(const at::Tensor& x) {
    const int64_t* first = x.const_data_ptr<int64_t>();
    return {first, first + x.numel()};
}

/// Joins `camera` [a, d] and `input` [b, d].
VectorPair vector_pair(const at::Tensor& camera, const at::Tensor& input) {
    constexpr auto most = static_cast<int64_t>(largest_points);
    const at::Tensor of_camera = spread_indices(camera.size(0), most / 2);
    const at::Tensor of_input = spread_indices(input.size(0), most - of_camera.size(0));
    const at::Tensor all = at::cat(
        {camera.to(at::kCPU).index_select(0, of_camera), input.to(at::kCPU).index_select(0, of_input)});
    return {{static_cast<std::size_t>(all.size(0)), static_cast<std::size_t>(all.size(1)), numbers(all)},
            indices_of(of_camera),
            indices_of(of_input)};
}

/// A vector pair on the plane.
class PairProjection {
  public:
    PairProjection(VectorPair pair, const ExperimentSettings& settings) : pair_(std::move(pair)) {
        if (settings.projection == Projection::pca) {
            PcaResult result = pca(pair_.points);
            plane_ = std::move(result.points);
            x_label_ = fmt::format("component 1 ({:.0f} % of the variance)", 100 * result.variance_x);
            y_label_ = fmt::format("component 2 ({:.0f} %)", 100 * result.variance_y);
        } else {
            TsneOptions options;
            options.seed = settings.seed;
            tsne_.emplace(pair_.points, options);
            plane_ = tsne_->points();
            x_label_ = "t-SNE 1";
            y_label_ = "t-SNE 2";
        }
    }

    /// True while there is more to do.
    bool advance() {
        if (!tsne_) {
            return false;
        }
        const std::size_t pairs = std::max<std::size_t>(pair_.points.rows * pair_.points.rows, 1);
        const auto iterations = std::clamp<std::size_t>(pairs_of_a_piece / pairs, 2, 50);
        const bool more = tsne_->advance(static_cast<int>(iterations));
        plane_ = tsne_->points();
        return more;
    }

    [[nodiscard]] double fraction() const {
        return tsne_ ? static_cast<double>(tsne_->iteration()) / TsneOptions{}.iterations : 1.0;
    }
    [[nodiscard]] std::optional<double> divergence() const {
        return tsne_ ? std::optional(tsne_->divergence()) : std::nullopt;
    }
    [[nodiscard]] const VectorPair& pair() const { return pair_; }
    [[nodiscard]] const PlanePoints& plane() const { return plane_; }
    [[nodiscard]] const std::string& x_label() const { return x_label_; }
    [[nodiscard]] const std::string& y_label() const { return y_label_; }

  private:
    VectorPair pair_;
    std::optional<Tsne> tsne_;
    PlanePoints plane_;
    std::string x_label_;
    std::string y_label_;
};

/// What a plot shows of a pair: its name and those of its kinds.
struct PairNames {
    const char* plot;
    const char* title;
    const char* camera;
    const char* input;
};

class DistributionsRun final : public ExperimentRun {
  public:
    DistributionsRun(ExperimentInput input, const ExperimentSettings& settings)
        : input_(std::move(input)), settings_(settings) {
        report_.judges = "queries and keys";
        report_.not_judged = "outputs and values";
        report_.condition =
            "In every layer the cosine of a query to its nearest key is lower than that of a key to the "
            "nearest key of another view.";
        if (input_.session.rule_switched()) {
            report_.condition += switched_decides_nothing("figure 2");
        } else if (!reads_with_queries()) {
            report_.condition += other_kind_decides_nothing("figure 2", "with queries of their own");
        }
        report_.condition += assumed_rule_text(input_.session);
        const std::vector<std::string> columns{"cosine q to nearest k", "cosine k to nearest other k",
                                               "cosine o to nearest v", "cosine v to nearest other v",
                                               "cosine k to nearest k of another view"};
        std::vector<std::string> of_layers{"layer"};
        std::vector<std::string> of_heads{"layer", "head"};
        std::ranges::copy(columns, std::back_inserter(of_layers));
        std::ranges::copy(columns, std::back_inserter(of_heads));
        report_.tables.push_back({"layers", std::move(of_layers), {}});
        report_.tables.push_back({"heads", std::move(of_heads), {}});
        report_.remarks.emplace_back(
            "Queries and outputs are those of all patches of the target camera; keys and values those of "
            "all input tokens. A nearest other key may belong to a neighbouring patch of the same photo. "
            "The keys of another view are the fair comparison: the target camera is another view, too.");
        if (input_.session.rule().read_with == ReadWith::key) {
            report_.remarks.emplace_back("This rule reads with the key projection in place of the query.");
        }
    }

    Result<bool> advance(const Job& job) override {
        if (!measured_) {
            LACT_CHECK(measure(Job{{}, job.note, job.stop}));
            measured_ = true;
        } else {
            for (std::optional<PairProjection>& one : projections_) {
                static_cast<void>(one->advance());
            }
        }
        draw();
        report_.fraction = projections_[0]->fraction();
        report_.finished = report_.fraction >= 1;
        conclude();
        return !report_.finished;
    }

  private:
    [[nodiscard]] bool is_shown(int layer) const { return layer == settings_.layer; }

    Result<void> measure(const Job& job) {
        const Session& session = input_.session;
        return guarded(session, "distributions", [&]() -> Result<void> {
            std::vector<NearestCosines> nearest;
            const at::Tensor pose = pose_channels(std::span(&input_.camera, 1)).unsqueeze(0);
            const auto inputs = input_.scene->chosen(input_.inputs);
            LACT_CHECK(check_layer(session.model(), inputs, session.rule(), 0));
            const auto visit = [&](int layer, const LayerInputs& record) {
                // The queries of the input tokens come first.
                const int64_t tokens = record.tokens.k.size(1);
                const at::Tensor q = record.q.slice(1, tokens);
                const at::Tensor o = record.o.slice(1, tokens);
                add_nearest(layer, record, q, o, nearest);
                if (is_shown(layer)) {
                    const auto head = [&](const at::Tensor& x) { return x[settings_.head]; };
                    projections_[0].emplace(vector_pair(head(q), head(record.tokens.k)), settings_);
                    projections_[1].emplace(vector_pair(head(o), head(record.tokens.v)), settings_);
                }
            };
            LACT_CHECK(walk_layers(session.model().parts().network, session.rule(), posed_views(inputs), pose,
                                   job, visit));
            fill_tables(nearest);
            return {};
        });
    }

    static void add_nearest(int layer, const LayerInputs& record, const at::Tensor& q, const at::Tensor& o,
                            std::vector<NearestCosines>& nearest) {
        const auto q_to_k = numbers(nearest_cosine(q, record.tokens.k, nearest_probes));
        const auto k_to_k = numbers(nearest_other_cosine(record.tokens.k, nearest_probes));
        const auto o_to_v = numbers(nearest_cosine(o, record.tokens.v, nearest_probes));
        const auto v_to_v = numbers(nearest_other_cosine(record.tokens.v, nearest_probes));
        const auto other_view =
            numbers(nearest_other_cosine(record.tokens.k, nearest_probes, record.tokens_per_view));
        for (std::size_t head = 0; head < q_to_k.size(); ++head) {
            nearest.push_back({layer, static_cast<int>(head), q_to_k[head], k_to_k[head], o_to_v[head],
                               v_to_v[head], other_view[head]});
        }
    }

    void fill_tables(const std::vector<NearestCosines>& nearest) {
        layers_.clear();
        for (const NearestCosines& one : nearest) {
            report_.tables[1].rows.push_back({static_cast<double>(one.layer), static_cast<double>(one.head),
                                              one.q_to_k, one.k_to_k, one.o_to_v, one.v_to_v,
                                              one.k_to_other_view});
            if (layers_.empty() || layers_.back().layer != one.layer) {
                layers_.push_back({.layer = one.layer});
            }
            const auto heads = static_cast<double>(input_.session.model().config().ttt_heads());
            NearestCosines& mean = layers_.back();
            mean.q_to_k += one.q_to_k / heads;
            mean.k_to_k += one.k_to_k / heads;
            mean.o_to_v += one.o_to_v / heads;
            mean.v_to_v += one.v_to_v / heads;
            mean.k_to_other_view += one.k_to_other_view / heads;
        }
        for (const NearestCosines& one : layers_) {
            report_.tables[0].rows.push_back({static_cast<double>(one.layer), one.q_to_k, one.k_to_k,
                                              one.o_to_v, one.v_to_v, one.k_to_other_view});
        }
    }

    /// The token of a patch of the camera (`view` empty), or of an input token.
    [[nodiscard]] ExperimentToken patch_of(std::size_t token, bool of_camera) const {
        const auto patch = static_cast<std::size_t>(input_.session.model().config().patch);
        const auto columns = static_cast<std::size_t>(input_.scene->size.width) / patch;
        const std::size_t in_view = columns * (static_cast<std::size_t>(input_.scene->size.height) / patch);
        const std::size_t place = of_camera ? token : token % in_view;
        return {of_camera ? -1 : static_cast<int>(input_.inputs[token / in_view]),
                static_cast<int>(place % columns), static_cast<int>(place / columns)};
    }

    void draw() {
        constexpr std::array<PairNames, 2> names{{{"qk", "Q and K", "q (target camera)", "k (input views)"},
                                                  {"vo", "V and O", "o (target camera)", "v (input views)"}}};
        report_.plots.clear();
        for (const bool by_view : {false, true}) {
            for (std::size_t i = 0; i < names.size(); ++i) {
                report_.plots.push_back(plot_of(*projections_[i], names[i], by_view));
            }
        }
    }

    [[nodiscard]] ExperimentPlot plot_of(const PairProjection& projection, const PairNames& names,
                                         bool by_view) const {
        ExperimentPlot plot{.name = std::string(names.plot) + (by_view ? "_views" : ""),
                            .title = fmt::format("{} of layer {}, head {}{}", names.title, settings_.layer,
                                                 settings_.head, by_view ? ", by view" : ""),
                            .kind = PlotKind::points,
                            .x_label = projection.x_label(),
                            .y_label = projection.y_label()};
        const auto add = [&](ExperimentSeries& series, std::size_t point, ExperimentToken token) {
            series.x.push_back(projection.plane().x[point]);
            series.y.push_back(projection.plane().y[point]);
            series.tokens.push_back(token);
        };
        const VectorPair& pair = projection.pair();
        plot.series.push_back({by_view ? "target camera" : names.camera, {}, {}});
        for (std::size_t i = 0; i < pair.camera_tokens.size(); ++i) {
            add(plot.series.back(), i, patch_of(pair.camera_tokens[i], true));
        }
        if (!by_view) {
            plot.series.push_back({names.input, {}, {}});
        }
        int view = -1;
        for (std::size_t i = 0; i < pair.input_tokens.size(); ++i) {
            const ExperimentToken token = patch_of(pair.input_tokens[i], false);
            if (by_view && token.view != view) {
                view = token.view;
                plot.series.push_back({fmt::format("view {}", view), {}, {}});
            }
            add(plot.series.back(), pair.camera_tokens.size() + i, token);
        }
        return plot;
    }

    void conclude() {
        const auto [q_low, q_high] = std::ranges::minmax(layers_, {}, &NearestCosines::q_to_k);
        const auto [k_low, k_high] = std::ranges::minmax(layers_, {}, &NearestCosines::k_to_k);
        const auto [o_low, o_high] = std::ranges::minmax(layers_, {}, &NearestCosines::o_to_v);
        const auto [v_low, v_high] = std::ranges::minmax(layers_, {}, &NearestCosines::v_to_v);
        report_.finding = fmt::format(
            "By layer, the nearest key of a query has a cosine of {:.2f} to {:.2f}, the nearest other key of "
            "a key {:.2f} to {:.2f}. The nearest value of an output has {:.2f} to {:.2f}, the nearest other "
            "value of a value {:.2f} to {:.2f}.",
            q_low.q_to_k, q_high.q_to_k, k_low.k_to_k, k_high.k_to_k, o_low.o_to_v, o_high.o_to_v,
            v_low.v_to_v, v_high.v_to_v);
        if (input_.inputs.size() < 2) {
            report_.finding += " With one input view there are no keys of another view to compare with.";
        } else {
            const auto [low, high] = std::ranges::minmax(layers_, {}, &NearestCosines::k_to_other_view);
            report_.finding += fmt::format(
                " Between keys of different views it is {:.2f} to {:.2f}: queries lie farther from the keys "
                "than those from each other in {} of {}.",
                low.k_to_other_view, high.k_to_other_view, layers_apart(), counted(layers_.size(), "layer"));
        }
        if (!report_.finished) {
            return;
        }
        if (const auto qk = projections_[0]->divergence(), vo = projections_[1]->divergence(); qk && vo) {
            report_.remarks.push_back(fmt::format(
                "t-SNE keeps neighbours, not distances; Kullback-Leibler divergence {:.2f} (Q and K) and "
                "{:.2f} (V and O) nats, perplexity {:g}.",
                *qk, *vo, TsneOptions{}.perplexity));
        }
        if (input_.inputs.size() > 1) {
            report_.agreement = figure_verdict(layers_apart() == std::ssize(layers_),
                                               !input_.session.rule_switched() && reads_with_queries());
        }
    }

    [[nodiscard]] bool reads_with_queries() const {
        return input_.session.rule().read_with == ReadWith::query;
    }

    /// In how many layers queries lie farther from the keys than keys of different views from each other.
    [[nodiscard]] std::ptrdiff_t layers_apart() const {
        return std::ranges::count_if(
            layers_, [](const NearestCosines& one) { return one.q_to_k < one.k_to_other_view; });
    }

    ExperimentInput input_;
    ExperimentSettings settings_;
    bool measured_ = false;
    std::vector<NearestCosines> layers_;  ///< Means over the heads.
    std::array<std::optional<PairProjection>, 2> projections_;
};

}  // namespace

Experiment distributions_experiment() {
    return {.id = "distributions",
            .title = "Where Q, K, V and O lie",
            .claim =
                "Queries lie apart from the keys, and outputs apart from the values, in every layer: what is "
                "read was never stored (LaCT-NVS, arXiv 2602.21204, figure 2). A memory that is read by "
                "similar keys would need them to overlap.",
            .summary =
                "Projects Q with K and V with O of one layer and head to a plane, and measures the cosine to "
                "the nearest key and value in every layer.",
            .uses = {.place = true, .projection = true, .seed = true},
            .start = [](ExperimentInput input,
                        const ExperimentSettings& settings) -> Result<std::unique_ptr<ExperimentRun>> {
                return std::make_unique<DistributionsRun>(std::move(input), settings);
            }};
}

}  // namespace lact
