#include "engine/core/counted.h"
#include "engine/core/text_file.h"
#include "engine/experiment/experiment_list.h"
#include "engine/experiment/verdict.h"
#include "engine/metrics/spread.h"
#include "engine/procedural/generated_views.h"
#include "engine/procedural/world_family.h"
#include "engine/session/load_scene.h"
#include "engine/session/timing.h"
#include "engine/train/held_out.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

constexpr int rule_inputs = 8;
constexpr int rule_targets = 4;
constexpr std::size_t worlds_of_piece = 10;
constexpr std::size_t timed_worlds = 5;
constexpr double bytes_per_kib = 1024;

/// A preset and the weights trained with it.
struct TrainedRule {
    const RulePreset* preset = nullptr;
    std::filesystem::path weights;
};

/// The presets that the folder has weights for, each rule once.
std::vector<TrainedRule> trained_rules(const std::filesystem::path& folder) {
    std::vector<TrainedRule> found;
    for (const RulePreset& preset : rule_presets()) {
        const auto file = folder / (std::string(preset.name) + ".safetensors");
        const bool known = std::ranges::any_of(
            found, [&preset](const TrainedRule& one) { return one.preset->rule == preset.rule; });
        std::error_code ignored;
        if (!known && std::filesystem::exists(file, ignored)) {
            found.push_back({&preset, file});
        }
    }
    return found;
}

/// By the name of the preset.
using SeedSpread = std::map<std::string, double, std::less<>>;

/// PSNR of the runs of one rule that did not fail. Empty where one of them has no score: what it would add to
/// the spread is not known.
std::vector<double> psnr_of_runs(const nlohmann::ordered_json& runs) {
    std::vector<double> values;
    try {
        for (const auto& run : runs) {
            if (run.value("failure", std::string()).empty()) {
                values.push_back(run.at("score").at("psnr").get<double>());
            }
        }
    } catch (const nlohmann::json::exception&) {
        return {};
    }
    return values;
}

/// Standard deviation of PSNR over the seeds of each rule, as `lactscope train --rules` wrote it to
/// rules.json; without such a file empty.
SeedSpread spread_over_seeds(const std::filesystem::path& folder) {
    SeedSpread spread;
    const auto text = read_text_file(folder / "rules.json");
    const auto json = text ? parse_ordered_json(*text, "rules.json") : fail("rules.json", "is not there");
    if (!json || !json->is_object() || !json->contains("runs")) {
        return spread;
    }
    for (const auto& [name, runs] : json->at("runs").items()) {
        if (const std::vector<double> values = psnr_of_runs(runs); values.size() > 1) {
            spread[name] = spread_of(values).deviation;
        }
    }
    return spread;
}

/// Whether a is lower. NaN, of a rendering that is not finite, is the lowest.
bool lower_psnr(double a, double b) {
    return std::isnan(a) ? !std::isnan(b) : a < b;
}

/// What a rule writes for one scene, in KiB of fp32: the matrices that its update changes.
double state_kib(const ModelConfig& config, const UpdateRule& rule) {
    const double heads = static_cast<double>(config.layers) * config.ttt_heads();
    const double matrix = static_cast<double>(config.ttt_head) * config.fast_hidden();
    const bool all = rule.updated == UpdatedMatrices::all && rule.kernel == Kernel::swiglu;
    return heads * matrix * (all ? 3 : 1) * sizeof(float) / bytes_per_kib;
}

/// Sums over the views of worlds that are measured in parts, and the number of views.
struct Scores {
    double psnr = 0;
    double foreground = 0;
    double ssim = 0;
    double silhouette = 0;
    double nearest = 0;
    double views = 0;

    void add(const HeldOutScore& score) {
        const auto count = static_cast<double>(score.views);
        psnr += count * score.psnr;
        foreground += count * score.psnr_foreground;
        ssim += count * score.ssim;
        silhouette += count * score.baseline.silhouette;
        nearest += count * score.baseline.nearest_view;
        views += count;
    }
};

std::vector<PreparedView> prepared_inputs(const EvaluationScene& scene) {
    std::vector<PreparedView> views;
    for (std::size_t i = 0; i < scene.inputs; ++i) {
        PreparedView view;
        view.index = i;
        view.image = std::make_shared<const ImageF>(to_image_f(scene.images[i]));
        view.camera = scene.cameras[i];
        views.push_back(std::move(view));
    }
    return views;
}

class TrainedRulesRun final : public ExperimentRun {
  public:
    TrainedRulesRun(ExperimentInput input, const ExperimentSettings& settings, std::vector<TrainedRule> rules)
        : compute_(input.compute),
          rules_(std::move(rules)),
          spread_(spread_over_seeds(settings.rule_weights)) {
        report_.judges = missing().empty() ? std::string("every rule learning about as well")
                                           : fmt::format("{} of {} rules learning about as well",
                                                         rules_.size(), rules_.size() + missing().size());
        report_.not_judged = "the order of the rules";
        report_.condition = fmt::format(
            "No rule that was trained with is more than {0:g} dB below the baseline, and none varies more "
            "than {0:g} dB over its seeds.{1} The paper's differences, at most 0.24 dB, are too small to be "
            "judged here.",
            rule_margin, without_spread() + without_weights());
        report_.tables.push_back({"rules",
                                  {"trained with", "PSNR (dB)", "spread over seeds", "to the baseline",
                                   "foreground (dB)", "SSIM", "switched at inference (dB)", "state (KiB)",
                                   "set-up (ms)", "view (ms)", "paper (dB)", "paper, to its baseline"},
                                  {}});
        ExperimentPlot plot{.name = "psnr",
                            .title = "PSNR over held-out worlds",
                            .kind = PlotKind::bars,
                            .x_label = "",
                            .y_label = "PSNR (dB)"};
        for (const TrainedRule& one : rules_) {
            plot.ticks.emplace_back(one.preset->name);
        }
        plot.series = {{"trained with the rule", {}, {}}, {"switched on the baseline's weights", {}, {}}};
        report_.plots.push_back(std::move(plot));
        report_.remarks.emplace_back(
            "Trained with: the same small model, worlds and steps, from random weights with each rule "
            "(lactscope train --rules); the weights are those of one seed. Switched at inference: the "
            "weights trained "
            "with the baseline, run with the rule.");
        report_.remarks.emplace_back(
            "Paper: LaCT-NVS with 12 layers, d = 768, trained on RealEstate10K at 128x128 with 2 input "
            "views, one figure a rule and no spread.");
        if (spread_.empty()) {
            report_.remarks.emplace_back(
                "There is no table of the seeds beside the weights: no spread is known.");
        }
    }

    Result<bool> advance(const Job& job) override {
        const Job quiet{{}, {}, job.stop};
        if (!model_) {
            LACT_CHECK(open_next(quiet));
        } else if (worlds_.size() < family_->held_out.size()) {
            LACT_CHECK(draw_some(quiet));
        } else if (measured_ < 2 * worlds_.size()) {
            LACT_CHECK(measure_some(quiet));
        } else {
            LACT_CHECK(close_row(quiet));  // A piece of its own: where it is stopped, it alone is done again.
        }
        const double of_rule = static_cast<double>(measured_) / static_cast<double>(2 * worlds_count());
        report_.fraction = (static_cast<double>(rule_) + of_rule) / static_cast<double>(rules_.size());
        report_.finished = rule_ == rules_.size();
        if (report_.finished) {
            report_.fraction = 1;
            conclude();
        }
        return !report_.finished;
    }

  private:
    [[nodiscard]] std::string name_of(std::size_t rule) const {
        const std::string_view paper = rules_[rule].preset->paper;
        return std::string(paper.substr(0, paper.find(':')));
    }

    /// A sentence with the rules whose spread over seeds is not known; empty where there are none.
    [[nodiscard]] std::string without_spread() const {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < rules_.size(); ++i) {
            if (!spread_.contains(rules_[i].preset->name)) {
                names.push_back(name_of(i));
            }
        }
        return names.empty() ? std::string()
                             : fmt::format(" Not decided: no spread over seeds is known of {}.",
                                           fmt::join(names, ", "));
    }

    /// The rules of the paper's table that have no weights here. (Of photos, Variant 5 is Variant 4.)
    [[nodiscard]] std::vector<std::string> missing() const {
        std::vector<std::string> names;
        std::vector<UpdateRule> known;
        for (const TrainedRule& one : rules_) {
            known.push_back(one.preset->rule);
        }
        for (const RulePreset& preset : rule_presets()) {
            if (std::ranges::none_of(known, [&preset](const UpdateRule& one) {
                    return same_but_precision(one, preset.rule);
                })) {
                known.push_back(preset.rule);
                names.emplace_back(preset.paper.substr(0, preset.paper.find(':')));
            }
        }
        return names;
    }

    /// A sentence about them; empty where there are none.
    [[nodiscard]] std::string without_weights() const {
        const std::vector<std::string> names = missing();
        return rules_.size() < 2 ? std::string(" Not decided: there is no rule to compare the baseline with.")
               : names.empty()   ? std::string()
                                 : fmt::format(" No weights are here of {}.", fmt::join(names, ", "));
    }

    [[nodiscard]] std::size_t worlds_count() const {
        return family_ != nullptr ? family_->held_out.size() : 1;
    }

    Result<void> open_next(const Job& job) {
        LACT_TRY(model_, Model::load(rules_[rule_].weights, compute_));
        const RulePreset& preset = *rules_[rule_].preset;
        if (!same_but_precision(model_->trained_rule(), preset.rule)) {
            const std::string trained = format(model_->trained_rule());
            model_.reset();
            return fail(rules_[rule_].weights.string(),
                        fmt::format("was trained with the rule {}, not {}", trained, preset.name),
                        "Put the weights there that lactscope train --rules wrote for this rule.");
        }
        const WeightsInfo& info = model_->info();
        LACT_TRY(const WorldFamily* const family,
                 info.families.empty() ? &general_family() : find_family(info.families.front()));
        const int size = default_size(info).width;
        if (family_ != nullptr && (family != family_ || size != size_)) {
            return fail(rules_[rule_].weights.string(),
                        fmt::format("was trained on {} at {}, the others on {} at {}", family->name, size,
                                    family_->name, size_),
                        "Train all rules with one configuration.");
        }
        family_ = family;
        size_ = size;
        if (rule_ == 0) {
            baseline_ = model_;
            report_.settings.emplace_back(
                "held-out worlds", fmt::format("{} of {} at {}x{}, {} + {} views", family->held_out.size(),
                                               family->name, size, size, rule_inputs, rule_targets));
            report_.settings.emplace_back("precision", std::string(to_string(model_->precision())));
            report_.settings.emplace_back("device", model_->device_name());
        }
        return job.stopped() ? cancelled() : Result<void>{};
    }

    Result<void> draw_some(const Job& job) {
        const std::size_t from = worlds_.size();
        const std::size_t count = std::min(worlds_of_piece, family_->held_out.size() - from);
        LACT_TRY(std::vector<EvaluationScene> some,
                 draw_evaluation_scenes(*family_, std::span(family_->held_out).subspan(from, count),
                                        rule_inputs, rule_targets, size_, generate_views, job));
        std::ranges::move(some, std::back_inserter(worlds_));
        return {};
    }

    /// The next worlds with the weights of the rule, then with the baseline's weights and the rule switched.
    Result<void> measure_some(const Job& job) {
        const bool switched = measured_ >= worlds_.size();
        const std::size_t from = measured_ % worlds_.size();
        const std::size_t count = std::min(worlds_of_piece, worlds_.size() - from);
        const auto some = std::span(worlds_).subspan(from, count);
        MeasureOptions options;
        options.ssim = !switched;
        std::vector<EvaluationImage> images;
        options.images = from == 0 && !switched ? &images : nullptr;
        options.image_count = 1;
        LACT_TRY(const HeldOutScore score,
                 measure(switched ? *baseline_ : *model_, current_rule(), some, options, job));
        (switched ? switched_ : trained_).add(score);
        if (!images.empty()) {
            add_images(images.front());
        }
        measured_ += count;
        return {};
    }

    /// The rule that is measured, with the Newton-Schulz precision of the training.
    [[nodiscard]] UpdateRule current_rule() const {
        UpdateRule rule = rules_[rule_].preset->rule;
        rule.ns_precision = model_->trained_rule().ns_precision;
        return rule;
    }

    void add_images(const EvaluationImage& images) {
        if (rule_ == 0) {
            report_.images.push_back({"truth", "ground truth", to_image_f(images.ground_truth)});
        }
        const std::string name(rules_[rule_].preset->name);
        report_.images.push_back({name, "trained with " + name, to_image_f(images.rendering)});
    }

    Result<void> close_row(const Job& job) {
        const UpdateRule rule = current_rule();
        std::vector<double> set_up_ms;
        std::vector<double> view_ms;
        Session session(model_);
        for (std::size_t i = 0; i < std::min(timed_worlds, worlds_.size()); ++i) {
            LACT_TRY(const double milliseconds, session.set_up(prepared_inputs(worlds_[i]), rule, job));
            LACT_TRY(const Frame frame, session.render(worlds_[i].cameras[worlds_[i].inputs], job));
            set_up_ms.push_back(milliseconds);
            view_ms.push_back(frame.milliseconds);
        }
        const RulePreset& preset = *rules_[rule_].preset;
        const double psnr = trained_.psnr / trained_.views;
        const double of_switched = switched_.psnr / switched_.views;
        psnr_.push_back(psnr);
        switched_psnr_.push_back(of_switched);
        const auto spread = spread_.find(preset.name);
        constexpr double none = std::numeric_limits<double>::quiet_NaN();
        const double paper_baseline = rule_presets().front().paper_psnr;
        report_.tables.front().rows.push_back(
            {std::string(preset.paper), psnr, spread == spread_.end() ? none : spread->second,
             psnr - psnr_.front(), trained_.foreground / trained_.views, trained_.ssim / trained_.views,
             of_switched, state_kib(model_->config(), rule), median_of_times(set_up_ms),
             median_of_times(view_ms), preset.paper_psnr > 0 ? preset.paper_psnr : none,
             preset.paper_psnr > 0 ? preset.paper_psnr - paper_baseline : none});
        const auto at = static_cast<double>(rule_);
        for (const auto& [series, value] : {std::pair{0U, psnr}, std::pair{1U, of_switched}}) {
            report_.plots.front().series[series].x.push_back(at);
            report_.plots.front().series[series].y.push_back(value);
        }
        if (rule_ == 0) {
            report_.settings.emplace_back("nearest photo (dB)",
                                          fmt::format("{:.2f}", trained_.nearest / trained_.views));
            report_.settings.emplace_back("silhouette in its mean colour (dB)",
                                          fmt::format("{:.2f}", trained_.silhouette / trained_.views));
        }
        model_.reset();
        trained_ = {};
        switched_ = {};
        measured_ = 0;
        ++rule_;
        return {};
    }

    void conclude() {
        const auto place_in = [](const std::vector<double>& values, std::vector<double>::const_iterator at) {
            return static_cast<std::size_t>(at - values.begin());
        };
        const std::size_t lowest = place_in(psnr_, std::ranges::min_element(psnr_, lower_psnr));
        const std::size_t highest = place_in(psnr_, std::ranges::max_element(psnr_, lower_psnr));
        const std::size_t worst =
            place_in(switched_psnr_, std::ranges::min_element(switched_psnr_, lower_psnr));
        report_.finding = fmt::format(
            "{} trained with: baseline {:.2f} dB, highest {} with {:.2f}, lowest {} with {:.2f}. Switched at "
            "inference on the baseline's weights, the lowest of the same rules is {} with {:.2f} dB.",
            counted(rules_.size(), "rule"), psnr_.front(), name_of(highest), psnr_[highest], name_of(lowest),
            psnr_[lowest], name_of(worst), switched_psnr_[worst]);
        double largest_spread = 0;
        for (std::size_t i = 0; i < rules_.size(); ++i) {
            const auto spread = spread_.find(rules_[i].preset->name);
            if (spread != spread_.end() && spread->second > rule_margin) {
                largest_spread = std::max(largest_spread, spread->second);
                report_.finding += fmt::format(
                    " Trained with other seeds, {} varies by {:.2f} dB (standard deviation): one seed "
                    "decides nothing about it.",
                    name_of(i), spread->second);
            }
        }
        report_.agreement = rules_.size() < 2
                                ? Agreement::open
                                : trained_rules_verdict(psnr_.front(), psnr_[lowest],
                                                        without_spread().empty(), largest_spread);
    }

    ComputeOptions compute_;
    std::vector<TrainedRule> rules_;  ///< The first is the baseline.
    SeedSpread spread_;
    std::shared_ptr<const Model> baseline_;
    const WorldFamily* family_ = nullptr;
    int size_ = 0;
    std::vector<EvaluationScene> worlds_;
    // Of the current rule.
    std::size_t rule_ = 0;
    std::shared_ptr<const Model> model_;
    std::size_t measured_ = 0;  ///< Worlds, then worlds with the rule switched.
    Scores trained_, switched_;
    // Of the rules so far.
    std::vector<double> psnr_, switched_psnr_;
};

}  // namespace

Experiment trained_rules_experiment() {
    return {
        .id = "variants",
        .title = "Weights trained with each rule",
        .claim =
            "LaCT-NVS trained with each rule renders almost alike: 25.94 dB for the baseline, 25.97 for "
            "Variant 1, 25.73 for Variant 6, 25.85 with gradient ascent and 25.95 with the query replaced by "
            "the key (arXiv 2602.21204, tables 1 and 2; 12 layers, RealEstate10K at 128x128, 2 input views).",
        .summary =
            "Measures weights that were trained with each rule on held-out worlds, beside the same rules "
            "switched at inference; it does not use the open scene and weights.",
        .uses = {.rule_weights = true, .scene = false},
        .start = [](ExperimentInput input,
                    const ExperimentSettings& settings) -> Result<std::unique_ptr<ExperimentRun>> {
            std::vector<TrainedRule> rules = trained_rules(settings.rule_weights);
            if (settings.rule_weights.empty() || rules.empty() ||
                rules.front().preset != &rule_presets().front()) {
                return fail("variants", "there are no weights trained with each rule, the baseline first",
                            "Train them with lactscope train --rules all --config assets/train/rules.json; "
                            "docs/training.md says where they belong.");
            }
            return std::make_unique<TrainedRulesRun>(std::move(input), settings, std::move(rules));
        }};
}

}  // namespace lact
