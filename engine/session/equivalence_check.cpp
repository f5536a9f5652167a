#include "engine/session/equivalence_check.h"

#include "engine/linear/equivalence.h"
#include "engine/linear/layer_inputs.h"
#include "engine/model/rays.h"
#include "engine/session/parts.h"

#include <algorithm>
#include <cmath>

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

}  // namespace

EquivalenceRow row_of(int layer, int head, const std::string& preset, const HeadEquivalence& difference) {
    EquivalenceRow row{layer,
                       head,
                       preset,
                       difference.rel,
                       difference.tolerance,
                       difference.rel_key,
                       difference.rel_fp64,
                       equivalence_tolerance_fp64,
                       difference.step_by_step,
                       difference.drift,
                       difference.rounding,
                       difference.precision,
                       difference.moved,
                       "ok"};
    if (!difference.not_applicable.empty()) {
        row.status = "n/a: " + difference.not_applicable;
    } else if (!difference.within()) {
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
                                                      const Job& job) {
    const Network& network = model.parts().network;
    const ModelConfig& config = network.config();
    std::vector<EquivalenceRow> rows;
    try {
        const c10::InferenceMode no_gradients;
        const SmallWorkThreads threads(config);
        for (const NamedRule& one : rules) {
            const std::string reason =
                incompatibility(one.rule, config.ttt_head, config.fast_hidden(), config.query_is_key);
            if (!reason.empty()) {
                add_not_applicable(config, one, reason, rows);
                continue;
            }
            const double limit = largest_compared_output(one.rule);
            LACT_CHECK(check_set_up(model, inputs, one.rule));
            LACT_CHECK(check_sizes(std::span(&target, 1), config));
            Job part = job;
            part.report = [&](std::string_view, double fraction) {
                job.progress(fmt::format("checking {}", one.name), fraction);
            };
            LACT_CHECK(walk_layers(
                network, one.rule, posed_views(inputs), pose_channels(std::span(&target, 1)).unsqueeze(0),
                part, [&](int layer, const LayerInputs& recorded) {
                    const auto heads =
                        compare_forms(one.rule, with_spread_queries(recorded, largest_query_count), limit);
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

double largest_rel(std::span<const EquivalenceRow> rows) {
    double largest = 0;
    for (const EquivalenceRow& row : rows) {
        if (row.applicable() && !(row.rel <= largest)) {
            largest = row.rel;
            if (std::isnan(largest)) {
                break;
            }
        }
    }
    return largest;
}

}  // namespace lact
