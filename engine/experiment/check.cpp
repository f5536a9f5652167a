#include "engine/core/counted.h"
#include "engine/experiment/experiment_list.h"
#include "engine/experiment/verdict.h"
#include "engine/session/equivalence_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {
namespace {

class CheckRun final : public ExperimentRun {
  public:
    explicit CheckRun(ExperimentInput input) : input_(std::move(input)) {
        report_.condition =
            "The step as it is passes in every layer and head, and each planted error that changes the "
            "rule's result is detected. Where one changes nothing, nothing is decided.";
        report_.tables.push_back(
            {"errors",
             {"planted error", "relative difference in fp64", "limit", "detected", "what is wrong"},
             {}});
        report_.remarks.push_back(fmt::format(
            "Difference: max|o of the TTT step - o of the linear-attention form| / max|o of the TTT step|, "
            "the largest over layers and heads, for at most {} queries of a layer, evenly spread over the "
            "input views and the target camera.",
            largest_query_count));
    }

    Result<bool> advance(const Job& job) override {
        LACT_CHECK(report_.tables.front().rows.empty() ? check_clean(job) : check_planted(job));
        report_.fraction = report_.finished ? 1 : 0.3;
        return !report_.finished;
    }

  private:
    Result<void> check_clean(const Job& job) {
        const UpdateRule& rule = input_.session.rule();
        const std::array rules{NamedRule{format(rule), rule}};
        LACT_TRY(const auto rows,
                 check_equivalence(input_.session.model(), input_.scene->chosen(input_.inputs), input_.camera,
                                   rules, job));
        clean_compared_ = static_cast<std::size_t>(
            std::ranges::count_if(rows, [](const EquivalenceRow& row) { return row.applicable(); }));
        clean_passes_ = clean_compared_ > 0 &&
                        std::ranges::none_of(rows, [](const EquivalenceRow& row) { return row.failed(); });
        clean_difference_ = largest_rel_fp64(rows);
        if (clean_compared_ < rows.size()) {
            report_.remarks.push_back(
                fmt::format("{} of {} not compared: the outputs of the rule are too large there.",
                            rows.size() - clean_compared_, counted(rows.size(), "head is", "heads are")));
        }
        if (std::ranges::any_of(rows, &EquivalenceRow::step_by_step_fp64)) {
            report_.remarks.emplace_back(
                "Each inner step is compared from the state of the TTT step before it, not all of them at "
                "once: so many steps amplify rounding.");
        }
        limit_ = rows.empty() ? 0 : rows.front().limit;
        report_.tables.front().rows.push_back(
            {"none", clean_compared_ == 0 ? std::numeric_limits<double>::quiet_NaN() : clean_difference_,
             limit_,
             clean_compared_ == 0 ? "not compared"
             : clean_passes_      ? "no"
                                  : "yes",
             "The TTT step as it is."});
        return {};
    }

    Result<void> check_planted(const Job& job) {
        LACT_TRY(const auto rows,
                 check_planted_errors(input_.session.model(), input_.scene->chosen(input_.inputs),
                                      input_.camera, input_.session.rule(), job));
        for (const PlantedRow& row : rows) {
            report_.tables.front().rows.push_back(
                {row.name, row.applicable ? row.rel_fp64 : std::numeric_limits<double>::quiet_NaN(), limit_,
                 !row.applicable        ? "not applicable"
                 : clean_compared_ == 0 ? "not compared"
                 : row.detected         ? "yes"
                 : row.ignored          ? "changes nothing"
                                        : "no",
                 row.description});
        }
        conclude(rows);
        report_.finished = true;
        return {};
    }

    void conclude(std::span<const PlantedRow> rows) {
        std::size_t applicable = 0;
        std::size_t detected = 0;
        double smallest = std::numeric_limits<double>::quiet_NaN();
        std::vector<std::string> ignored;
        for (const PlantedRow& row : rows) {
            if (row.applicable && row.ignored) {
                ignored.push_back(row.name);
            } else if (row.applicable) {
                ++applicable;
                detected += row.detected ? 1 : 0;
                smallest = std::fmin(smallest, row.rel_fp64);
            }
        }
        if (clean_compared_ == 0) {
            report_.finding = "Nothing was compared: the outputs of the rule are too large in every head.";
            report_.agreement = check_verdict({});
            return;
        }
        report_.finding = fmt::format(
            "The step as it is {} ({:.2g}, limit {:g}, {}). {} of {} detected{}.",
            clean_passes_ ? "passes" : "does not pass", clean_difference_, limit_,
            counted(clean_compared_, "head"), detected,
            counted(applicable, "planted error is", "planted errors are"),
            applicable == 0 ? std::string()
                            : fmt::format("; the smallest difference that one makes is {:.2g}", smallest));
        if (!ignored.empty()) {
            report_.finding += fmt::format(
                " With these weights and this rule, {} no output by more than {:g}, so that there is nothing "
                "to detect: {}.",
                counted(ignored.size(), "planted error changes", "planted errors change"), 2 * limit_,
                fmt::join(ignored, ", "));
        }
        report_.agreement =
            check_verdict({clean_compared_, clean_passes_, applicable, detected, ignored.size()});
    }

    ExperimentInput input_;
    std::size_t clean_compared_ = 0;
    bool clean_passes_ = false;
    double clean_difference_ = 0;
    double limit_ = 0;
};

}  // namespace

Experiment check_experiment() {
    return {.id = "check",
            .title = "Can the check fail?",
            .claim =
                "The TTT step and its linear-attention form compute the same outputs (arXiv 2602.21204, "
                "theorems 5.1 and 5.2). This supports the claim only if a wrong step is noticed.",
            .summary =
                "Runs the equivalence check on the TTT step, and on the step with one mistake at a "
                "time.",
            .uses = {},
            .start = [](ExperimentInput input,
                        const ExperimentSettings&) -> Result<std::unique_ptr<ExperimentRun>> {
                return std::make_unique<CheckRun>(std::move(input));
            }};
}

}  // namespace lact
