#include "engine/core/counted.h"
#include "engine/experiment/experiment_list.h"
#include "engine/experiment/verdict.h"
#include "engine/linear/equivalence.h"
#include "engine/metrics/metrics.h"
#include "engine/session/equivalence_check.h"
#include "engine/ttt/rule_schema.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace lact {
namespace {

/// Stands for a difference of 0 in fp64: values in [0, 1] that fp32 rounds to one are closer than this.
constexpr const char* below_rounding = "below 6e-8";

/// The rules that the weights can run, each once, `current` first.
std::vector<NamedRule> different_rules(const Model& model, const UpdateRule& current) {
    std::vector<NamedRule> rules{{format(current), current}};
    const ModelConfig& config = model.config();
    for (NamedRule& one : preset_rules(model)) {
        const bool known = std::ranges::any_of(
            rules, [&one](const NamedRule& other) { return same_but_precision(one.rule, other.rule); });
        if (!known &&
            incompatibility(one.rule, config.ttt_head, config.fast_hidden(), config.query_is_key).empty()) {
            one.rule.ns_precision = current.ns_precision;  // "As it runs" means one thing in all rows.
            rules.push_back(std::move(one));
        }
    }
    return rules;
}

class LinearRenderingRun final : public ExperimentRun {
  public:
    LinearRenderingRun(ExperimentInput input, const ExperimentSettings& settings)
        : input_(std::move(input)),
          held_out_(chosen_held_out(input_, settings)),
          rules_(different_rules(input_.session.model(), input_.session.rule())) {
        report_.condition = fmt::format(
            "For every rule the two images differ by at most {:g} of the range in fp64.", same_image_fp64);
        if (std::ranges::any_of(rules_, many_steps)) {
            report_.condition += fmt::format(
                " Not decided by a rule of more than {} that differs by more: so many steps amplify the "
                "rounding of fp64, too.",
                counted(free_running_steps, "inner step"));
        }
        report_.tables.push_back(
            {"rules",
             {"rule", "difference in fp64", "difference in fp32", "difference as it runs", "PSNR of TTT (dB)",
              "PSNR of linear attention (dB)"},
             {}});
        report_.remarks.emplace_back(
            "Difference: the largest over pixels and channels, of a range of 1, between the TTT image "
            "and the image of which every TTT layer was computed by its linear-attention form.");
        report_.remarks.push_back(fmt::format(
            "As it runs: the TTT layers with Newton-Schulz (of the rules that have it) in {}, which "
            "the form does not round.",
            newton_schulz_precision(input_.session.rule(), input_.session.model().precision())));
        report_.remarks.emplace_back(
            "In fp32, Newton-Schulz of the TTT layers is in fp32, too. That difference is information: how "
            "far it may go depends on how much the steps of a rule amplify rounding.");
        report_.remarks.push_back(fmt::format(
            "Images computed in fp64 are rounded to fp32 at the end. Where no value differs after "
            "that, the difference is {}: neighbouring values of fp32 are so far apart.",
            below_rounding));
    }

    Result<bool> advance(const Job& job) override {
        const NamedRule& one = rules_[done_];
        left_out_because_.clear();
        if (const auto piece = of_rule_ ? finish(one, of_rule_->linear, job) : begin(one, job); !piece) {
            if (left_out_because_.empty()) {
                return tl::unexpected<Error>(piece.error());
            }
            leave_out(one);
            ++done_;
        }
        report_.fraction =
            (static_cast<double>(done_) + (of_rule_ ? 0.5 : 0.0)) / static_cast<double>(rules_.size());
        report_.finished = done_ == rules_.size();
        conclude();
        return !report_.finished;
    }

  private:
    /// Whether the form of a rule no longer runs freely in the equivalence check.
    [[nodiscard]] static bool many_steps(const NamedRule& one) {
        return one.rule.inner_steps > free_running_steps;
    }

    /// What the model in its own precision gives for a rule.
    struct OfRule {
        ImageF ttt;
        ImageF linear;
        ImageDifference running;  ///< Newton-Schulz of the TTT layers as the rule says.
        ImageDifference fp32;     ///< Newton-Schulz of the TTT layers in fp32.
        double psnr_ttt = 0;
        double psnr_linear = 0;
    };

    [[nodiscard]] static UpdateRule with_exact_muon(UpdateRule rule) {
        rule.ns_precision = NsPrecision::fp32;
        return rule;
    }

    /// The first piece of a rule: what the model in its own precision and in fp32 gives.
    Result<void> begin(const NamedRule& one, const Job& job) {
        LACT_TRY(of_rule_, measure(one, job));
        return {};
    }

    /// The second piece: fp64. `linear`: the image of the first piece.
    Result<void> finish(const NamedRule& one, const ImageF& linear, const Job& job) {
        LACT_TRY(const ImageDifference fp64, difference_in(Precision::fp64, one.rule, linear, job));
        double& worst = many_steps(one) ? worst_of_many_steps_ : worst_fp64_;
        worst = larger_or_nan(worst, fp64.largest);
        add_row(one, fp64.largest == 0 ? ExperimentCell(below_rounding) : ExperimentCell(fp64.largest));
        ++measured_;
        ++done_;
        return {};
    }

    /// Without a state there is nothing to compare. An error of a set-up is that of its rule and does not end
    /// the run.
    Result<Session> set_up_form(const std::shared_ptr<const Model>& model, const UpdateRule& rule,
                                LayerForm form, const Job& job) {
        Session session(model);
        const LayerForms forms(static_cast<std::size_t>(model->config().layers), form);
        const auto ready = session.set_up(input_.scene->chosen(input_.inputs), rule, job, {{}, forms});
        if (!ready) {
            left_out_because_ =
                ready.error().cancelled
                    ? std::string()
                    : fmt::format("{} in {}: {}", form == LayerForm::ttt ? "TTT" : "linear attention",
                                  to_string(model->precision()), ready.error().what);
            return tl::unexpected<Error>(ready.error());
        }
        return session;
    }

    Result<OfRule> measure(const NamedRule& one, const Job& job) {
        const auto model = input_.session.shared_model();
        LACT_TRY(Session ttt, set_up_form(model, one.rule, LayerForm::ttt, job));
        LACT_TRY(Session linear, set_up_form(model, one.rule, LayerForm::linear, job));
        LACT_TRY(Frame running, ttt.render(input_.camera, job));
        LACT_TRY(Frame of_linear, linear.render(input_.camera, job));
        OfRule result;
        LACT_TRY(result.psnr_ttt, mean_psnr(ttt, held_out_, job));
        LACT_TRY(result.psnr_linear, mean_psnr(linear, held_out_, job));
        LACT_TRY(result.fp32, difference_in(Precision::fp32, one.rule, of_linear.image, job));
        result.running = image_difference(running.image, of_linear.image);
        result.ttt = std::move(running.image);
        result.linear = std::move(of_linear.image);
        return result;
    }

    /// weights_in(), each precision loaded once.
    Result<std::shared_ptr<const Model>> model_in(Precision precision) {
        std::shared_ptr<const Model>& kept = precision == Precision::fp64 ? fp64_ : fp32_;
        if (!kept) {
            LACT_TRY(kept, weights_in(input_, precision));
        }
        return kept;
    }

    /// Between the two forms, all in one precision, Newton-Schulz included. `linear`: the image of the
    /// linear-attention form with the open model, which does not depend on the rule's precision of
    /// Newton-Schulz.
    Result<ImageDifference> difference_in(Precision precision, const UpdateRule& rule, const ImageF& linear,
                                          const Job& job) {
        LACT_TRY(const auto model, model_in(precision));
        const UpdateRule exact = with_exact_muon(rule);
        LACT_TRY(Session ttt, set_up_form(model, exact, LayerForm::ttt, job));
        LACT_TRY(const Frame of_ttt, ttt.render(input_.camera, job));
        if (model->precision() == input_.session.model().precision()) {
            return image_difference(of_ttt.image, linear);
        }
        LACT_TRY(Session form, set_up_form(model, exact, LayerForm::linear, job));
        LACT_TRY(const Frame of_form, form.render(input_.camera, job));
        return image_difference(of_ttt.image, of_form.image);
    }

    /// The row of a measured rule; what it was measured with moves into the report.
    void add_row(const NamedRule& one, ExperimentCell in_fp64) {
        OfRule& measured = *of_rule_;
        report_.tables.front().rows.push_back({one.name, std::move(in_fp64), measured.fp32.largest,
                                               measured.running.largest, measured.psnr_ttt,
                                               measured.psnr_linear});
        worst_fp32_ = larger_or_nan(worst_fp32_, measured.fp32.largest);
        report_.images.push_back(
            {fmt::format("rule{}_ttt", done_), "TTT, " + rule_label(one.rule), std::move(measured.ttt)});
        report_.images.push_back({fmt::format("rule{}_linear", done_),
                                  fmt::format("linear attention, {}: largest difference {:.2g}",
                                              rule_label(one.rule), measured.running.largest),
                                  std::move(measured.linear)});
        of_rule_.reset();
    }

    /// The row of a rule that cannot be set up. What was measured of it in fp32 stays.
    void leave_out(const NamedRule& one) {
        report_.remarks.push_back(fmt::format("{} is not measured{}: {}.", one.name,
                                              of_rule_ ? " in fp64" : "", left_out_because_));
        if (of_rule_) {
            add_row(one, "not measured");
            return;
        }
        const double none = std::numeric_limits<double>::quiet_NaN();
        report_.tables.front().rows.push_back({one.name, "not measured", none, none, none, none});
    }

    void conclude() {
        if (done_ == 0) {
            return;
        }
        if (measured_ == 0) {
            report_.finding = "No rule was measured yet: see the remarks.";
            return;
        }
        const double worst_fp64 = larger_or_nan(worst_fp64_, worst_of_many_steps_);
        const std::string in_fp64 =
            worst_fp64 == 0 ? std::string(below_rounding) : fmt::format("at most {:.2g}", worst_fp64);
        report_.finding = fmt::format(
            "The image by linear attention alone differs from that of test-time training by at most {:.2g} "
            "of the range in fp32, and by {} in fp64, over {} of {}.",
            worst_fp32_, in_fp64, measured_, counted(rules_.size(), "rule"));
        if (measured_ < done_) {
            report_.finding += fmt::format(" {} could not be set up.", done_ - measured_);
        }
        if (report_.finished) {
            report_.agreement =
                linear_rendering_verdict(worst_fp64_, worst_of_many_steps_, measured_ == done_);
        }
    }

    ExperimentInput input_;
    std::vector<PreparedView> held_out_;
    std::vector<NamedRule> rules_;
    std::shared_ptr<const Model> fp32_, fp64_;  ///< The weights in another precision; null until needed.
    std::optional<OfRule> of_rule_;             ///< Of the rule whose fp64 images are due.
    std::string left_out_because_;  ///< Why the rule at hand cannot be set up; empty where it can.
    std::size_t done_ = 0;
    std::size_t measured_ = 0;  ///< Of `done_`, in all precisions.
    double worst_fp32_ = 0;
    double worst_fp64_ = 0;           ///< Of rules whose form runs freely,
    double worst_of_many_steps_ = 0;  ///< and of the others.
};

}  // namespace

Experiment linear_rendering_experiment() {
    return {.id = "linear",
            .title = "Rendered by linear attention alone",
            .claim =
                "A TTT layer with a linear last layer is a learned linear attention: its output is "
                "phi(q) S with a state S that is built from keys and values (arXiv 2602.21204, theorems "
                "5.1 and 5.2).",
            .summary = "Replaces every TTT layer by its linear-attention form and compares the images.",
            .uses = {.views = true},
            .start = [](ExperimentInput input,
                        const ExperimentSettings& settings) -> Result<std::unique_ptr<ExperimentRun>> {
                return std::make_unique<LinearRenderingRun>(std::move(input), settings);
            }};
}

}  // namespace lact
