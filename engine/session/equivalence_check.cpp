#include "engine/session/equivalence_check.h"

#include "engine/linear/difference.h"
#include "engine/linear/layer_inputs.h"
#include "engine/model/rays.h"
#include "engine/session/equivalence_rows.h"
#include "engine/session/parts.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/ATen.h>
#include <fmt/format.h>

namespace lact {

namespace {

constexpr int64_t largest_query_count = 512;

bool is_preset(const UpdateRule& rule) {
    const auto presets = rule_presets();
    return std::any_of(presets.begin(), presets.end(),
                       [&](const RulePreset& preset) { return same_but_precision(preset.rule, rule); });
}

void add_refused(const ModelConfig& config, const NamedRule& rule, const std::string& reason,
                 std::vector<EquivalenceRow>& rows) {
    FormDifference difference;
    difference.not_applicable = reason;
    for (int layer = 0; layer < config.layers; ++layer) {
        for (int head = 0; head < config.ttt_heads(); ++head) {
            rows.push_back(row_of(layer, head, rule.name, difference));
        }
    }
}

}  // namespace

LayerInputs with_some_queries(const LayerInputs& inputs) {
    const int64_t count = inputs.q.size(1);
    if (count <= largest_query_count) {
        return inputs;
    }
    const at::Tensor chosen =
        (at::arange(largest_query_count, inputs.q.options().dtype(at::kLong)) * count / largest_query_count)
            .to(at::kLong);
    LayerInputs some = inputs;
    some.q = inputs.q.index_select(1, chosen);
    some.o = inputs.o.index_select(1, chosen);
    return some;
}

EquivalenceRow row_of(int layer, int head, const std::string& preset, const FormDifference& difference) {
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

double limit_of(const UpdateRule& rule) {
    return is_preset(rule) ? std::numeric_limits<double>::max() : largest_sound_output;
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
                add_refused(config, one, reason, rows);
                continue;
            }
            const double limit = limit_of(one.rule);
            LACT_CHECK(check_set_up(model, inputs, one.rule));
            LACT_CHECK(check_sizes(std::span(&target, 1), config.patch));
            Job part = job;
            part.report = [&](std::string_view, double fraction) {
                job.progress(fmt::format("checking {}", one.name), fraction);
            };
            LACT_CHECK(walk_layers(
                network, one.rule, posed_views(inputs), pose_channels(std::span(&target, 1)).unsqueeze(0),
                part, [&](int layer, const LayerInputs& recorded) {
                    const auto heads = compare_with_form(one.rule, with_some_queries(recorded), limit);
                    for (std::size_t head = 0; head < heads.size(); ++head) {
                        rows.push_back(row_of(layer, static_cast<int>(head), one.name, heads[head]));
                    }
                }));
        }
    } catch (const std::exception& problem) {
        return tl::unexpected<Error>(engine_error("twin check", problem));
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
