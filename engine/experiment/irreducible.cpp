#include "engine/core/counted.h"
#include "engine/experiment/experiment_list.h"
#include "engine/experiment/verdict.h"
#include "engine/linear/layer_inputs.h"
#include "engine/linear/reduction.h"
#include "engine/model/rays.h"
#include "engine/session/inspection_state.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {
namespace {

/// One case on some tokens.
struct CaseResult {
    CaseRange range;
    std::string left_out_because;  ///< Why the inputs do not allow it; empty where they do.

    /// Of the column "reduces".
    [[nodiscard]] const char* answer() const {
        switch (side_of(range)) {
            case CaseSide::not_measured:
                return "not measured";
            case CaseSide::reduces:
                return "yes";
            case CaseSide::differs:
                return "no";
            case CaseSide::mixed:
                return "in some heads";
            case CaseSide::undecided:
                break;
        }
        return "undecided";
    }
};

class IrreducibleRun final : public ExperimentRun {
  public:
    IrreducibleRun(ExperimentInput input, const ExperimentSettings& settings)
        : input_(std::move(input)),
          settings_(settings),
          random_(reduction_cases().size()),
          recorded_(reduction_cases().size()) {
        const int layers = input_.session.model().config().layers;
        for (int layer = 0; layer < layers; ++layer) {
            if (settings_.layer < 0 || settings_.layer == layer) {
                layers_.push_back(layer);
            }
        }
        report_.condition = fmt::format(
            "Every case falls on the side that the theory gives it, on random tokens and in every layer and "
            "head: a relative difference in fp64 of at most {:g} where it reduces, of at least {:g} where it "
            "does not. Between the two, or where a layer cannot measure a case, nothing is decided.",
            reduces_below, differs_above);
        report_.remarks.emplace_back(
            "Parallel form: |W1 - W1'| / |W1 - W1 initial|, Frobenius norms. W1 is that of the TTT step; W1' "
            "sums what each part writes alone from the initial weights, by the linear-attention form, and "
            "applies the weight norm, where there is one, to the sum.");
        report_.remarks.emplace_back(
            "State: |o - phi(q) S| / |o|. The best S is that of least squares over the queries. A rule "
            "without a parallel form still has a state: o = phi(q) S holds for all rules of LaCT.");
        write_report();
    }

    Result<bool> advance(const Job& job) override {
        LACT_CHECK(guarded(input_.session, "what does not reduce", [&]() -> Result<void> {
            if (done_ == 0) {
                return measure(random_layer_inputs(settings_.seed), random_);
            }
            LACT_TRY(const LayerInputs inputs, inputs_of(layers_[done_ - 1], job));
            return measure(inputs, recorded_);
        }));
        ++done_;
        const std::size_t pieces = 1 + layers_.size();
        report_.fraction = static_cast<double>(done_) / static_cast<double>(pieces);
        report_.finished = done_ == pieces;
        write_report();
        return !report_.finished;
    }

  private:
    /// The layer's inputs in fp64, with the queries of the input tokens and of the target camera.
    Result<LayerInputs> inputs_of(int layer, const Job& job) {
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
        LayerInputs inputs = with_queries(recorded, at::cat({recorded.q, read.q}, 1));
        if (settings_.head >= 0) {
            inputs = only(inputs, settings_.head);
        }
        return converted(inputs, at::kDouble);
    }

    /// Adds the differences of all cases that the inputs allow.
    static Result<void> measure(const LayerInputs& inputs, std::vector<CaseResult>& results) {
        const int64_t d_in = inputs.tokens.k.size(2);
        const int64_t d_hidden = inputs.initial.w1.size(1);
        for (std::size_t i = 0; i < results.size(); ++i) {
            const ReductionCase& one = reduction_cases()[i];
            const bool other_size = one.rule.kernel == Kernel::identity && d_in != d_hidden;
            // Least squares explains anything by as many features as there are queries.
            const bool few_queries = one.question == Reduction::state && inputs.q.size(1) < 2 * d_hidden;
            if (!other_size && !few_queries) {
                for (const double difference : numbers(one.measure(one.rule, inputs))) {
                    results[i].range.add(difference);
                }
            } else if (results[i].left_out_because.empty()) {
                results[i].left_out_because =
                    other_size ? fmt::format("d_h = {} is not d_in = {}", d_hidden, d_in)
                               : fmt::format("{} are too few for {} features",
                                             counted(inputs.q.size(1), "query", "queries"), d_hidden);
            }
        }
        return {};
    }

    void write_report() {
        ExperimentTable table{"cases",
                              {"case", "tokens", "question", "compared", "smallest difference",
                               "largest difference", "reduces", "theory", "reason"},
                              {}};
        ExperimentPlot plot{.name = "differences",
                            .title = "Relative difference of each case; 0 is 100 %",
                            .kind = PlotKind::bars,
                            .x_label = "case",
                            .y_label = "log10 of the largest relative difference",
                            .series = {{"random tokens", {}, {}}, {"tokens of the layers", {}, {}}}};
        for (std::size_t i = 0; i < reduction_cases().size(); ++i) {
            const ReductionCase& one = reduction_cases()[i];
            plot.ticks.emplace_back(one.name);
            const std::array<const CaseResult*, 2> both{&random_[i], &recorded_[i]};
            for (std::size_t which = 0; which < both.size(); ++which) {
                const CaseResult& result = *both[which];
                table.rows.push_back({std::string(one.name), plot.series[which].name,
                                      one.question == Reduction::state ? "state" : "parallel form",
                                      std::string(one.compared), result.range.smallest, result.range.largest,
                                      result.answer(), one.reduces ? "yes" : "no", std::string(one.reason)});
                if (result.range.measured()) {
                    plot.series[which].x.push_back(static_cast<double>(i));
                    plot.series[which].y.push_back(std::log10(std::max(result.range.largest, 1e-17)));
                }
            }
        }
        report_.tables = {std::move(table)};
        report_.plots = {std::move(plot)};
        conclude();
    }

    void conclude() {
        CaseCounts counts;
        double reduced = 0;
        double irreducible = std::numeric_limits<double>::infinity();
        std::vector<std::string> left_out;
        for (std::size_t i = 0; i < reduction_cases().size(); ++i) {
            const bool expected = reduction_cases()[i].reduces;
            for (const CaseResult* of : {&random_[i], &recorded_[i]}) {
                const CaseResult& one = *of;
                if (!one.left_out_because.empty()) {
                    left_out.push_back(
                        fmt::format("{} ({})", reduction_cases()[i].name, one.left_out_because));
                }
                if (!one.range.measured()) {
                    continue;
                }
                counts.add(one.range, expected);
                reduced = expected ? std::max(reduced, one.range.largest) : reduced;
                irreducible = expected ? irreducible : std::min(irreducible, one.range.smallest);
            }
        }
        report_.finding = fmt::format(
            "{} of {} on the side of the theory. What should reduce differs by at most "
            "{:.2g}; what should not differs by at least {:.2g}.",
            counts.as_stated, counted(counts.measured, "measurement falls", "measurements fall"), reduced,
            irreducible);
        if (const std::size_t undecided = counts.measured - counts.as_stated - counts.contrary;
            undecided > 0) {
            report_.finding += fmt::format(" {} between the two sides, so nothing is decided by {}.",
                                           counted(undecided, "lies", "lie"), undecided == 1 ? "it" : "them");
        }
        if (!left_out.empty()) {
            report_.finding += fmt::format(" Not measured, so not judged, on the tokens of the layers: {}.",
                                           fmt::join(left_out, "; "));
        }
        if (report_.finished) {
            report_.agreement = irreducible_verdict(counts, left_out.empty());
        }
    }

    ExperimentInput input_;
    ExperimentSettings settings_;
    std::vector<int> layers_;
    std::vector<CaseResult> random_;
    std::vector<CaseResult> recorded_;
    std::size_t done_ = 0;
};

}  // namespace

Experiment irreducible_experiment() {
    return {.id = "irreducible",
            .title = "What does not reduce",
            .claim =
                "A TTT layer is a linear attention if its last layer is linear and has no bias. It has a "
                "parallel form if what a chunk writes does not depend on the state: phi is fixed, no "
                "weight norm acts between chunks, and the loss is linear in f(k), as MSE is not (arXiv "
                "2602.21204, section 5, table 2, appendix I).",
            .summary =
                "Compares chunks in turn with the sum of what each writes alone, and outputs with phi(q) "
                "S, on random tokens and on the tokens of the layers.",
            .uses = {.place = true, .all_places = true, .seed = true},
            .start = [](ExperimentInput input,
                        const ExperimentSettings& settings) -> Result<std::unique_ptr<ExperimentRun>> {
                return std::make_unique<IrreducibleRun>(std::move(input), settings);
            }};
}

}  // namespace lact
