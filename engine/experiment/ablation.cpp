#include "engine/experiment/experiment_list.h"
#include "engine/experiment/verdict.h"
#include "engine/metrics/metrics.h"

#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include <fmt/format.h>

namespace lact {
namespace {

/// What replaces the TTT step of the ablated layers.
struct AblationKind {
    LayerForm form;
    std::string_view name;   ///< Of the series.
    std::string_view image;  ///< Begins the names of its images.
};
constexpr std::array<AblationKind, 3> ablation_kinds = {
    {{LayerForm::unchanged, "no update", "no-update"},
     {LayerForm::fixed_features, "phi fixed", "phi-fixed"},
     {LayerForm::linear, "linear attention only", "linear"}}};

/// Smallest and largest PSNR of the ablations of one layer, and the PSNR of that of all layers. NaN, of an
/// image that is not finite, stays.
struct KindResult {
    double smallest = std::numeric_limits<double>::infinity();
    double largest = -std::numeric_limits<double>::infinity();
    double all = std::numeric_limits<double>::quiet_NaN();

    void add(double psnr, bool of_all) {
        if (of_all) {
            all = psnr;
        } else {
            smallest = smaller_or_nan(smallest, psnr);
            largest = larger_or_nan(largest, psnr);
        }
    }
    [[nodiscard]] double farthest_from(double reference) const {
        return larger_or_nan(larger_or_nan(std::abs(smallest - reference), std::abs(largest - reference)),
                             std::abs(all - reference));
    }
};

class AblationRun final : public ExperimentRun {
  public:
    AblationRun(ExperimentInput input, const ExperimentSettings& settings)
        : input_(std::move(input)),
          held_out_(chosen_held_out(input_, settings)),
          layers_(static_cast<std::size_t>(input_.session.model().config().layers)) {
        rule_ = input_.session.rule();
        rule_.ns_precision = NsPrecision::fp32;
        report_.judges = "what the linear-attention form carries";
        report_.not_judged = "training without an update of phi";
        report_.condition = fmt::format(
            "In its linear-attention form, each layer and all of them together give the PSNR of the TTT step "
            "within {:g} dB.",
            same_psnr);
        report_.tables.push_back(
            {"layers",
             {"layers", "in place of the TTT step", "PSNR (dB)", "change of PSNR (dB)",
              "mean difference of the image", "largest difference of the image", "image"},
             {}});
        ExperimentPlot plot{.name = "psnr",
                            .title = "PSNR where layers are ablated",
                            .kind = PlotKind::bars,
                            .x_label = "ablated",
                            .y_label = "PSNR (dB)"};
        for (std::size_t layer = 0; layer < layers_; ++layer) {
            plot.ticks.push_back(fmt::format("layer {}", layer));
        }
        plot.ticks.emplace_back("all");
        for (const AblationKind& kind : ablation_kinds) {
            plot.series.push_back({std::string(kind.name), {}, {}});
        }
        report_.plots.push_back(std::move(plot));
        add_remarks();
    }

    Result<bool> advance(const Job& job) override {
        LACT_CHECK(done_ == 0 ? measure_reference(job) : measure(done_ - 1, job));
        ++done_;
        const std::size_t pieces = 1 + ablation_kinds.size() * (layers_ + 1);
        report_.fraction = static_cast<double>(done_) / static_cast<double>(pieces);
        report_.finished = done_ == pieces;
        if (report_.finished) {
            conclude();
        }
        return !report_.finished;
    }

  private:
    struct Measured {
        ImageF image;
        double psnr = 0;
    };

    void add_remarks() {
        const UpdateRule& rule = input_.session.rule();
        report_.remarks.emplace_back(
            "Ablated at inference: the weights were trained with the update in every layer. Layers behind "
            "an ablated one learn from the tokens that it leaves.");
        const Precision precision = input_.session.model().precision();
        report_.remarks.push_back(fmt::format(
            "All ablations run Newton-Schulz in {}, since the linear-attention form does not round it. The "
            "row \"as it runs\" has it in {}.",
            newton_schulz_precision(rule_, ablation_precision()), newton_schulz_precision(rule, precision)));
        if (precision != ablation_precision()) {
            report_.remarks.push_back(fmt::format(
                "The linear-attention form rounds nothing to {0} either, so all ablations compute the "
                "network in {1}; the row \"as it runs\" has it in {0}.",
                to_string(precision), to_string(ablation_precision())));
        }
        if (rule.kernel == Kernel::identity || rule.updated == UpdatedMatrices::last) {
            report_.remarks.emplace_back("The rule never moves phi: \"phi fixed\" is the rule itself.");
        }
        if (held_out_.empty()) {
            report_.remarks.emplace_back(
                "There is no held-out view: PSNR is not known, only the difference of the images.");
        }
    }

    /// That of the open weights, but fp32 in place of bf16, which would round the TTT step and not the form.
    [[nodiscard]] Precision ablation_precision() const {
        const Precision open = input_.session.model().precision();
        return open == Precision::bf16 ? Precision::fp32 : open;
    }

    Result<Measured> run(const std::shared_ptr<const Model>& model, const UpdateRule& rule,
                         const LayerForms& forms, const Job& job) {
        Session session(model);
        LACT_CHECK(session.set_up(input_.scene->chosen(input_.inputs), rule, job, {{}, forms}));
        Measured measured;
        LACT_TRY(Frame frame, session.render(input_.camera, job));
        measured.image = std::move(frame.image);
        LACT_TRY(measured.psnr, mean_psnr(session, held_out_, job));
        return measured;
    }

    Result<void> measure_reference(const Job& job) {
        if (!model_) {  // A stopped piece is done again.
            LACT_TRY(model_, weights_in(input_, ablation_precision()));
        }
        LACT_TRY(reference_, run(model_, rule_, {}, job));
        Measured running = reference_;
        if (model_ != input_.session.shared_model() || !(rule_ == input_.session.rule())) {
            LACT_TRY(running, run(input_.session.shared_model(), input_.session.rule(), {}, job));
        }
        const ImageDifference rounding = image_difference(reference_.image, running.image);
        auto& rows = report_.tables.front().rows;
        rows.push_back({"none", "nothing", reference_.psnr, 0.0, 0.0, 0.0, "reference"});
        rows.push_back({"none", "nothing, as it runs", running.psnr, running.psnr - reference_.psnr,
                        rounding.mean, rounding.largest, "running"});
        report_.images.push_back(
            {"reference", image_title("no ablation", reference_.psnr), reference_.image});
        report_.images.push_back(
            {"running", image_title("no ablation, as it runs", running.psnr), std::move(running.image)});
        if (!held_out_.empty()) {
            report_.plots.front().title += fmt::format("; without ablation {:.2f} dB", reference_.psnr);
        }
        return {};
    }

    /// Ablation `index`, all kinds of one place before those of the next.
    Result<void> measure(std::size_t index, const Job& job) {
        const std::size_t place = index / ablation_kinds.size();
        const std::size_t of_kind = index % ablation_kinds.size();
        const AblationKind& kind = ablation_kinds[of_kind];
        const bool all = place == layers_;
        LayerForms forms(layers_, all ? kind.form : LayerForm::ttt);
        if (!all) {
            forms[place] = kind.form;
        }
        LACT_TRY(Measured measured, run(model_, rule_, forms, job));
        const ImageDifference difference = image_difference(reference_.image, measured.image);
        const std::string where = all ? "all" : std::to_string(place);
        const std::string image = fmt::format("{}_{}{}", kind.image, all ? "" : "layer", where);
        report_.tables.front().rows.push_back({where, std::string(kind.name), measured.psnr,
                                               measured.psnr - reference_.psnr, difference.mean,
                                               difference.largest, image});
        ExperimentSeries& series = report_.plots.front().series[of_kind];
        series.x.push_back(static_cast<double>(place));
        series.y.push_back(measured.psnr);
        report_.images.push_back(
            {image,
             image_title(fmt::format("{}, {}", kind.name, all ? "all layers" : "layer " + where),
                         measured.psnr),
             std::move(measured.image)});
        results_[of_kind].add(measured.psnr, all);
        return {};
    }

    static std::string image_title(const std::string& what, double psnr) {
        return std::isnan(psnr) ? what : fmt::format("{}: {:.2f} dB over the held-out views", what, psnr);
    }

    void conclude() {
        if (held_out_.empty()) {
            report_.finding = "No view was held out, so no PSNR was measured.";
            return;
        }
        const auto& [none, fixed, linear] = results_;
        const double reference = reference_.psnr;
        const double farthest = linear.farthest_from(reference);
        report_.finding = fmt::format(
            "Without ablation {:.2f} dB. No update: {:.2f} to {:.2f} dB in one layer, {:.2f} dB in all. W1 "
            "alone updated (phi fixed, so without the part of the update that S does not show): {:.2f} to "
            "{:.2f} dB in one layer, {:.2f} dB in all. In linear-attention form PSNR changes by at most "
            "{:.2g} dB, in one layer or in all.",
            reference, none.smallest, none.largest, none.all, fixed.smallest, fixed.largest, fixed.all,
            farthest);
        report_.agreement = ablation_verdict(farthest);
    }

    ExperimentInput input_;
    std::vector<PreparedView> held_out_;
    std::size_t layers_;
    UpdateRule rule_;                     ///< With Newton-Schulz in fp32.
    std::shared_ptr<const Model> model_;  ///< In ablation_precision(); null until needed.
    Measured reference_;
    std::array<KindResult, ablation_kinds.size()> results_;
    std::size_t done_ = 0;
};

}  // namespace

Experiment ablation_experiment() {
    return {.id = "ablation",
            .title = "Layer ablation",
            .claim =
                "The linear-attention form is the TTT layer (arXiv 2602.21204, theorems 5.1 and 5.2), so it "
                "carries the whole effect of the update; S alone does not show how the update moves phi. "
                "The paper ablates in training only: without an update of phi, Variant 1 reaches 25.97 dB "
                "against 25.94 dB (table 2; LaCT-NVS, 12 layers, RealEstate10K at 128x128, 2 input views). "
                "It makes no statement on switching phi off at inference.",
            .summary =
                "Replaces the TTT step of each layer, and of all, by no update, by an update of W1 "
                "alone, and by its linear-attention form.",
            .uses = {.views = true},
            .start = [](ExperimentInput input,
                        const ExperimentSettings& settings) -> Result<std::unique_ptr<ExperimentRun>> {
                return std::make_unique<AblationRun>(std::move(input), settings);
            }};
}

}  // namespace lact
