#include "engine/session/equivalence_check.h"

#include "engine/linear/equivalence.h"
#include "engine/linear/layer_inputs.h"
#include "engine/model/rays.h"
#include "engine/session/parts.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <ATen/ATen.h>
#include <fmt/format.h>

namespace lact {

namespace {

void add_not_applicable(const ModelConfig& config, const NamedRule& rule, const std::string& reason,
                        std::vector<EquivalenceRow>& rows) {
    HeadEquivalence difference;
    difference.not_applicable = reason;
    for (int layer = 0; layer < config.layers; ++layer) {
        for (int head = 0; head < config.ttt_heads(); ++head) {
            rows.push_back(row_of(layer, head, rule.name, difference));
        }
    }
}

std::string reason_against(const ModelConfig& config, const UpdateRule& rule) {
    return incompatibility(rule, config.ttt_head, config.fast_hidden(), config.query_is_key);
}

/// Visits every layer of a set-up with the rule, with queries of the input views and the target view.
Result<void> walk_rule(const Model& model, std::span<const PreparedView> inputs, const Camera& target,
                       const UpdateRule& rule, const Job& job, const LayerVisitor& visit) {
    const Network& network = model.parts().network;
    LACT_CHECK(check_set_up(model, inputs, rule));
    LACT_CHECK(check_layer(model, inputs, rule, network.config().ttt_heads()));
    LACT_CHECK(check_sizes(std::span(&target, 1), network.config()));
    return walk_layers(network, rule, posed_views(inputs), pose_channels(std::span(&target, 1)).unsqueeze(0),
                       job, [&](int layer, const LayerInputs& recorded) {
                           visit(layer, with_spread_queries(recorded, largest_query_count));
                       });
}

/// `of` over the applicable rows; NaN where any is NaN.
double largest_of_rows(std::span<const EquivalenceRow> rows, double EquivalenceRow::*of) {
    double result = 0;
    for (const EquivalenceRow& row : rows) {
        if (row.applicable() && !(row.*of <= result)) {
            result = row.*of;
            if (std::isnan(result)) {
                break;
            }
        }
    }
    return result;
}

/// Adds one layer to the row of a planted error.
void add_layer(PlantedRow& row, const UpdateRule& rule, const LayerInputs& recorded, double limit,
               const TttStep& step) {
    for (const std::optional<double>& head : compare_in_fp64(rule, recorded, limit, step)) {
        row.rel_fp64 = std::max(row.rel_fp64, head.value_or(0));
    }
    row.detected = !(row.rel_fp64 <= equivalence_limit);
    // Where step and mistake both pass, they differ by no more than twice the limit.
    constexpr double most = 2 * equivalence_limit;
    if (!row.detected && row.changed <= most) {  // One layer that it changes is enough.
        for (const std::optional<double>& head : change_in_fp64(rule, recorded, limit, step)) {
            row.changed = std::max(row.changed, head.value_or(0));
        }
    }
    row.ignored = !row.detected && row.changed <= most;
}

}  // namespace

EquivalenceRow row_of(int layer, int head, const std::string& preset, const HeadEquivalence& difference) {
    EquivalenceRow row{layer,
                       head,
                       preset,
                       difference.rel_fp64,
                       equivalence_limit,
                       difference.step_by_step_fp64,
                       difference.rel_fp32,
                       difference.rel_fp32_key,
                       difference.step_by_step_fp32,
                       difference.drift_fp32,
                       difference.rounding_fp32,
                       difference.precision,
                       difference.moved,
                       "ok"};
    if (!difference.not_applicable.empty()) {
        row.status = "n/a: " + difference.not_applicable;
    } else if (!difference.equal()) {
        row.status = "out of tolerance";
    }
    return row;
}

std::vector<NamedRule> preset_rules(const Model& model) {
    std::vector<NamedRule> rules;
    for (const RulePreset& preset : rule_presets()) {
        NamedRule one{std::string(preset.name), preset.rule};
        one.rule.ns_precision = model.trained_rule().ns_precision;
        rules.push_back(std::move(one));
    }
    return rules;
}

Result<std::vector<EquivalenceRow>> check_equivalence(const Model& model,
                                                      std::span<const PreparedView> inputs,
                                                      const Camera& target, std::span<const NamedRule> rules,
                                                      const Job& job, PlantedError planted) {
    const ModelConfig& config = model.parts().network.config();
    const TttStep step = planted == PlantedError::none ? TttStep(run_ttt_step) : planted_step(planted);
    std::vector<EquivalenceRow> rows;
    try {
        const c10::InferenceMode no_gradients;
        const SmallWorkThreads threads(config);
        for (const NamedRule& one : rules) {
            std::string reason = reason_against(config, one.rule);
            if (reason.empty() && planted != PlantedError::none && !applies(planted, one.rule)) {
                reason = fmt::format("the planted error {} does not change this rule", to_string(planted));
            }
            if (!reason.empty()) {
                add_not_applicable(config, one, reason, rows);
                continue;
            }
            const double limit = largest_compared_output(one.rule);
            Job part = job;
            part.report = [&](std::string_view, double fraction) {
                job.progress(fmt::format("checking {}", one.name), fraction);
            };
            LACT_CHECK(
                walk_rule(model, inputs, target, one.rule, part, [&](int layer, const LayerInputs& recorded) {
                    const auto heads = compare_forms(one.rule, recorded, limit, step);
                    for (std::size_t head = 0; head < heads.size(); ++head) {
                        rows.push_back(row_of(layer, static_cast<int>(head), one.name, heads[head]));
                    }
                }));
        }
    } catch (const std::exception& problem) {
        return tl::unexpected<Error>(engine_error("equivalence check", problem));
    }
    return rows;
}

Result<std::vector<PlantedRow>> check_planted_errors(const Model& model, std::span<const PreparedView> inputs,
                                                     const Camera& target, const UpdateRule& rule,
                                                     const Job& job) {
    const ModelConfig& config = model.parts().network.config();
    if (const std::string reason = reason_against(config, rule); !reason.empty()) {
        return fail("equivalence check", reason);
    }
    std::vector<PlantedRow> rows;
    for (const PlantedError error : planted_errors) {
        rows.push_back(
            {std::string(to_string(error)), std::string(description_of(error)), applies(error, rule)});
    }
    try {
        const c10::InferenceMode no_gradients;
        const SmallWorkThreads threads(config);
        const double limit = largest_compared_output(rule);
        LACT_CHECK(walk_rule(model, inputs, target, rule, job, [&](int, const LayerInputs& recorded) {
            for (std::size_t i = 0; i < rows.size(); ++i) {
                if (!rows[i].applicable) {
                    continue;
                }
                add_layer(rows[i], rule, recorded, limit, planted_step(planted_errors[i]));
            }
        }));
    } catch (const std::exception& problem) {
        return tl::unexpected<Error>(engine_error("equivalence check", problem));
    }
    return rows;
}

double largest_rel_fp64(std::span<const EquivalenceRow> rows) {
    return largest_of_rows(rows, &EquivalenceRow::rel_fp64);
}

double largest_rel_fp32(std::span<const EquivalenceRow> rows) {
    return largest_of_rows(rows, &EquivalenceRow::rel_fp32);
}

}  // namespace lact
