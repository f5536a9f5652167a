#include "engine/core/counted.h"
#include "engine/experiment/experiment_list.h"
#include "engine/experiment/verdict.h"
#include "engine/linear/layer_inputs.h"
#include "engine/linear/memory_measures.h"
#include "engine/metrics/metrics.h"
#include "engine/session/inspection_state.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace lact {
namespace {

/// Tokens of one head that top-1 recall tests; each is compared with the values of all tokens.
constexpr int64_t recall_probes = 2048;
/// How far the inner loss may rise from one number of steps to the next, of its amount.
constexpr double loss_slack = 0.01;
/// PSNR must fall by more than this, in dB.
constexpr double psnr_margin = 0.05;

/// The measures of one layer and head.
struct HeadMeasures {
    int layer = 0;
    int head = 0;
    double loss = 0;
    double cosine = 0;
    double recall = 0;
    double norm = 0;
};

HeadMeasures mean_of(const std::vector<HeadMeasures>& heads) {
    HeadMeasures mean;
    for (const HeadMeasures& one : heads) {
        mean.loss += one.loss;
        mean.cosine += one.cosine;
        mean.recall += one.recall;
        mean.norm += one.norm;
    }
    const auto count = static_cast<double>(heads.size());
    mean.loss /= count;
    mean.cosine /= count;
    mean.recall /= count;
    mean.norm /= count;
    return mean;
}

/// One number of inner steps: the means over the chosen layers and heads.
struct StepsResult {
    int steps = 0;
    HeadMeasures mean;
    double psnr = std::numeric_limits<double>::quiet_NaN();
};

/// Why the weights decide nothing about figure 1; empty where they do. The inner steps of the session's rule
/// are not looked at: the memory test goes through its own.
std::string not_decided_because(const Session& session) {
    UpdateRule rule = session.rule();
    rule.inner_steps = session.model().trained_rule().inner_steps;
    if (!same_but_precision(rule, session.model().trained_rule())) {
        return switched_decides_nothing("figure 1");
    }
    const bool as_in_figure = rule.loss == InnerLoss::dot && rule.direction == Direction::descent &&
                              rule.read_with == ReadWith::query;
    return as_in_figure ? ""
                        : other_kind_decides_nothing("figure 1",
                                                     "with descent on the dot-product loss and read "
                                                     "with queries");
}

class MemoryTestRun final : public ExperimentRun {
  public:
    MemoryTestRun(ExperimentInput input, const ExperimentSettings& settings)
        : input_(std::move(input)),
          settings_(settings),
          held_out_(chosen_held_out(input_, settings)),
          steps_(step_counts(settings.largest_steps)),
          session_(input_.session.snapshot()),
          ascends_(input_.session.rule().direction == Direction::ascent),
          not_decided_(not_decided_because(input_.session)) {
        report_.judges = "the inner loss and the PSNR";
        report_.not_judged = "the perplexity of the LLM";
        report_.condition = fmt::format(
            "The inner loss {} from each number of steps to the next (within {:.0f} % of its amount), "
            "and the PSNR of the last is lower than that of the first by more than {:g} dB.{}",
            ascends_ ? "rises (the rule ascends)" : "falls", 100 * loss_slack, psnr_margin,
            not_decided_ + assumed_rule_text(input_.session));
        report_.tables.push_back(
            {"steps",
             {"inner steps", "inner loss", "cosine of f(k) and v", "top-1 recall (%)", "|f(k)|", "PSNR (dB)"},
             {}});
        report_.tables.push_back({"heads",
                                  {"inner steps", "layer", "head", "inner loss", "cosine of f(k) and v",
                                   "top-1 recall (%)", "|f(k)|"},
                                  {}});
        add_plots();
        add_remarks();
    }

    Result<bool> advance(const Job& job) override {
        const Job quiet{{}, job.note, job.stop};
        if (results_.size() == done_) {
            LACT_TRY(const bool possible, set_up_and_measure(quiet));
            if (!possible) {
                finish();
                return false;
            }
        } else {
            LACT_CHECK(render_one(quiet));
        }
        ++pieces_;
        if (view_ == held_out_.size()) {
            close_row();
        }
        report_.fraction = static_cast<double>(pieces_) /
                           (static_cast<double>(steps_.size()) * static_cast<double>(held_out_.size() + 1));
        conclude();
        if (done_ == steps_.size()) {
            finish();
        }
        return !report_.finished;
    }

  private:
    void add_plots() {
        const std::string place = fmt::format(
            "{}, {}", settings_.layer < 0 ? "all layers" : fmt::format("layer {}", settings_.layer),
            settings_.head < 0 ? "all heads" : fmt::format("head {}", settings_.head));
        const auto add = [&](const char* name, const char* title, const char* y_label,
                             const std::string& series) {
            ExperimentPlot plot{.name = name, .title = title, .x_label = "inner steps", .y_label = y_label};
            plot.x_logarithmic = true;
            plot.series.push_back({series, {}, {}});
            report_.plots.push_back(std::move(plot));
        };
        add("loss", "Inner loss after the update", "inner loss", place);
        add("recall", "Top-1 recall of the values", "recall (%)", place);
        add("psnr", "Quality of the held-out images", "PSNR (dB)", "mean over held-out views");
        add("cosine", "Cosine of f(k) and v", "cosine", place);
        add("norm", "Length of the answers", "|f(k)|", place);
    }

    void add_remarks() {
        const ModelConfig& config = input_.session.model().config();
        const std::size_t tokens = input_.inputs.size() *
                                   static_cast<std::size_t>(input_.scene->size.width / config.patch) *
                                   static_cast<std::size_t>(input_.scene->size.height / config.patch);
        report_.remarks.push_back(fmt::format(
            "Recall: part of the tokens whose own value is the nearest to f(k), by cosine, of the {} "
            "values of its head; chance is {:.2g} %. Equally near values share the hit.",
            tokens, 100.0 / static_cast<double>(tokens)));
        if (tokens > static_cast<std::size_t>(recall_probes)) {
            report_.remarks.push_back(
                fmt::format("Recall tests {} of the tokens, evenly spread.", recall_probes));
        }
        report_.remarks.emplace_back(
            "Every number of steps is a set-up of its own, so deeper layers learn other keys and values. The "
            "number of steps is switched at inference.");
        if (ascends_) {
            report_.remarks.emplace_back(
                "The rule ascends: it moves f(k) away from v, so a negative cosine and no recall are its "
                "aim.");
        }
        if (held_out_.empty()) {
            report_.remarks.emplace_back("There is no held-out view, so there is no PSNR.");
        }
    }

    [[nodiscard]] bool chosen(int layer, int head) const {
        return (settings_.layer < 0 || settings_.layer == layer) &&
               (settings_.head < 0 || settings_.head == head);
    }

    /// Measures the layers of the session's state on the tokens that it learned.
    Result<std::vector<HeadMeasures>> measure(const std::vector<PreparedView>& inputs, const Job& job) {
        return guarded(session_, "memory test", [&]() -> Result<std::vector<HeadMeasures>> {
            std::vector<HeadMeasures> heads;
            const SceneState& fast = session_.state().fast;
            const auto visit = [&](int layer, const LayerInputs& learned) {
                if (settings_.layer >= 0 && settings_.layer != layer) {
                    return;
                }
                const MemoryMeasures all = memory_measures(
                    session_.rule(), fast[static_cast<std::size_t>(layer)], learned.tokens, recall_probes);
                const auto loss = numbers(all.loss);
                const auto cosine = numbers(all.cosine);
                const auto recall = numbers(all.recall);
                const auto norm = numbers(all.norm);
                for (std::size_t head = 0; head < loss.size(); ++head) {
                    if (chosen(layer, static_cast<int>(head))) {
                        heads.push_back({layer, static_cast<int>(head), loss[head], cosine[head],
                                         recall[head], norm[head]});
                    }
                }
            };
            UpdateRule one_step = session_.rule();  // The values of other steps are not kept.
            one_step.inner_steps = 1;
            const Network& network = session_.model().parts().network;
            LACT_CHECK(check_layer(session_.model(), inputs, one_step, network.config().ttt_heads()));
            LACT_CHECK(record_layers(network, session_.rule(), fast, posed_views(inputs), job, visit));
            return heads;
        });
    }

    /// The first piece of a number of steps. False where the rule cannot take so many.
    Result<bool> set_up_and_measure(const Job& job) {
        UpdateRule rule = input_.session.rule();
        rule.inner_steps = steps_[done_];
        const auto inputs = input_.scene->chosen(input_.inputs);
        if (const auto made = session_.set_up(inputs, rule, job); !made) {
            if (made.error().cancelled || results_.empty()) {
                return tl::unexpected(made.error());
            }
            report_.remarks.push_back(fmt::format("Larger numbers of steps are left out: with {}, {}.",
                                                  rule.inner_steps, made.error().what));
            return false;
        }
        LACT_TRY(const auto heads, measure(inputs, job));
        for (const HeadMeasures& one : heads) {
            report_.tables[1].rows.push_back({static_cast<double>(rule.inner_steps),
                                              static_cast<double>(one.layer), static_cast<double>(one.head),
                                              one.loss, one.cosine, 100 * one.recall, one.norm});
        }
        StepsResult result;
        result.steps = rule.inner_steps;
        result.mean = mean_of(heads);
        results_.push_back(result);
        add_point("loss", result.mean.loss);
        add_point("recall", 100 * result.mean.recall);
        add_point("cosine", result.mean.cosine);
        add_point("norm", result.mean.norm);
        return true;
    }

    Result<void> render_one(const Job& job) {
        const PreparedView& view = held_out_[view_];
        LACT_TRY(const Frame frame, session_.render(view.camera, job));
        psnr_sum_ += psnr(frame.image, *view.image);
        ++view_;
        return {};
    }

    void add_point(std::string_view plot, double value) {
        ExperimentSeries& series =
            std::ranges::find(report_.plots, plot, &ExperimentPlot::name)->series.front();
        series.x.push_back(results_.back().steps);
        series.y.push_back(value);
    }

    /// All held-out views of this number of steps are rendered.
    void close_row() {
        StepsResult& result = results_.back();
        if (!held_out_.empty()) {
            result.psnr = psnr_sum_ / static_cast<double>(held_out_.size());
            add_point("psnr", result.psnr);
        }
        report_.tables[0].rows.push_back({static_cast<double>(result.steps), result.mean.loss,
                                          result.mean.cosine, 100 * result.mean.recall, result.mean.norm,
                                          result.psnr});
        psnr_sum_ = 0;
        view_ = 0;
        ++done_;
    }

    void conclude() {
        if (done_ == 0) {
            return;
        }
        const auto rows = std::span(results_).first(done_);
        const StepsResult& first = rows.front();
        const StepsResult& last = rows.back();
        if (done_ == 1) {
            const std::string quality =
                held_out_.empty() ? std::string() : fmt::format(", PSNR {:.2f} dB", first.psnr);
            report_.finding = fmt::format("With {}: inner loss {:.3g}, recall {:.1f} %{}.",
                                          counted(first.steps, "inner step"), first.mean.loss,
                                          100 * first.mean.recall, quality);
            return;
        }
        const StepsResult& peak =
            *std::ranges::max_element(rows, {}, [](const StepsResult& one) { return one.mean.recall; });
        std::string recall = fmt::format("recall goes from {:.1f} % to {:.1f} %", 100 * first.mean.recall,
                                         100 * last.mean.recall);
        if (peak.steps != last.steps) {
            recall += fmt::format(", with its highest value of {:.1f} % at {}", 100 * peak.mean.recall,
                                  counted(peak.steps, "step"));
        }
        report_.finding = fmt::format(
            "From {} to {} inner steps the inner loss goes from {:.3g} to {:.3g} and |f(k)| from {:.3g} to "
            "{:.3g}; {}.",
            first.steps, last.steps, first.mean.loss, last.mean.loss, first.mean.norm, last.mean.norm,
            recall);
        if (!held_out_.empty()) {
            report_.finding += fmt::format(" PSNR {} by {:.1f} dB, from {:.2f} to {:.2f} dB.",
                                           last.psnr < first.psnr ? "falls" : "rises",
                                           std::abs(last.psnr - first.psnr), first.psnr, last.psnr);
        }
    }

    /// Whether the loss goes where the rule sends it, from each number of steps to the next and over all.
    [[nodiscard]] bool loss_improves() const {
        const double sign = ascends_ ? -1 : 1;
        for (std::size_t i = 1; i < results_.size(); ++i) {
            const double before = sign * results_[i - 1].mean.loss;
            const double after = sign * results_[i].mean.loss;
            if (!(after <= before + loss_slack * std::abs(before))) {
                return false;
            }
        }
        return sign * results_.back().mean.loss < sign * results_.front().mean.loss;
    }

    void finish() {
        report_.finished = true;
        report_.fraction = 1;
        if (results_.size() > 1 && !held_out_.empty()) {
            const bool worse = results_.back().psnr < results_.front().psnr - psnr_margin;
            report_.agreement = figure_verdict(loss_improves() && worse, not_decided_.empty());
        }
    }

    ExperimentInput input_;
    ExperimentSettings settings_;
    std::vector<PreparedView> held_out_;
    std::vector<int> steps_;
    Session session_;
    bool ascends_ = false;
    std::string not_decided_;           ///< not_decided_because()
    std::vector<StepsResult> results_;  ///< The last one lacks its PSNR while done_ is smaller.
    std::size_t done_ = 0;              ///< Numbers of steps that are complete.
    std::size_t view_ = 0;              ///< Next held-out view of the current number of steps.
    std::size_t pieces_ = 0;
    double psnr_sum_ = 0;
};

}  // namespace

Experiment memory_test_experiment() {
    return {
        .id = "memory",
        .title = "Memory test",
        .claim =
            "More inner steps at inference lower the inner loss and make the result worse: PSNR falls for "
            "LaCT-NVS (12 layers, RealEstate10K at 128x128, 2 input views), and the perplexity of the LLM "
            "rises from 15.2 to 15.6 (arXiv 2602.21204, figure 1). A memory that stores keys and values "
            "would improve.",
        .summary =
            "Sets up with 1, 2, 4, … inner steps and measures the inner loss, how well values are "
            "recalled from their keys, and the PSNR of held-out views.",
        .uses = {.place = true, .all_places = true, .steps = true, .views = true},
        .start = [](ExperimentInput input,
                    const ExperimentSettings& settings) -> Result<std::unique_ptr<ExperimentRun>> {
            return std::make_unique<MemoryTestRun>(std::move(input), settings);
        }};
}

}  // namespace lact
