// `lactscope inspect --check`: every layer and head both ways.
#include "app/cli/inspect_options.h"
#include "engine/session/twin_check.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

using nlohmann::json;

json to_json(const TwinCheckRow& row) {
    json result = {{"layer", row.layer}, {"head", row.head},           {"preset", row.preset},
                   {"rel", nullptr},     {"tolerance", row.tolerance}, {"status", row.status}};
    if (row.applicable()) {
        result["rel"] = row.rel;
        result["rel_key_side"] = row.rel_key;
        result["rel_fp64"] = row.rel_fp64;
        result["tolerance_fp64"] = row.tolerance_fp64;
        result["step_by_step"] = row.step_by_step;
        result["drift"] = row.drift;
        result["fp32_rounding"] = row.rounding;
        result["running_precision"] = row.precision;
        result["phi_moved"] = row.moved;
    }
    return result;
}

json to_json(const Opened& opened, const std::vector<TwinCheckRow>& rows) {
    json result = provenance(opened);
    result.erase("rule");  // each row has its own
    result.erase("rule_switched_at_inference");
    result["rows"] = json::array();
    for (const TwinCheckRow& row : rows) {
        result["rows"].push_back(to_json(row));
    }
    result["max_rel"] = largest_rel(rows);
    return result;
}

/// One line a rule: its worst layer and head.
void print_table(const std::vector<TwinCheckRow>& rows) {
    fmt::print(stderr, "\n{:<14} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}  {}\n", "rule", "rel", "key side",
               "fp64", "drift", "running", "phi moved", "status");
    for (auto first = rows.begin(); first != rows.end();) {
        const auto last = std::find_if(first, rows.end(),
                                       [&](const TwinCheckRow& row) { return row.preset != first->preset; });
        TwinCheckRow worst = *first;
        for (auto row = first; row != last; ++row) {
            worst.rel = std::max(worst.rel, row->rel);
            worst.rel_key = std::max(worst.rel_key, row->rel_key);
            worst.rel_fp64 = std::max(worst.rel_fp64, row->rel_fp64);
            worst.drift = std::max(worst.drift, row->drift);
            worst.precision = std::max(worst.precision, row->precision);
            worst.moved = std::max(worst.moved, row->moved);
            if (row->failed()) {
                worst.status = fmt::format("layer {} head {} {}", row->layer, row->head, row->status);
            }
        }
        if (worst.applicable()) {
            fmt::print(stderr, "{:<14} {:>9.1e} {:>9.1e} {:>9.1e} {:>9.1e} {:>9.1e} {:>9.1e}  {}\n",
                       worst.preset, worst.rel, worst.rel_key, worst.rel_fp64, worst.drift, worst.precision,
                       worst.moved, worst.status);
        } else {
            fmt::print(stderr, "{:<14} {}\n", worst.preset, worst.status);
        }
        first = last;
    }
    fmt::print(stderr,
               "\nLargest difference of any layer and head, of the largest output: fp32 (allowed 1e-4), fp64 "
               "(allowed 1e-9).\n\"running\" is what the running precision costs, and no error.\n");
}

}  // namespace

Result<void> run_twin_check(const InspectOptions& options, const Job& job) {
    LACT_TRY(const Opened opened, open(options.model, options.scene, job));
    const LoadedScene& scene = opened.scene;
    const Camera& target = scene.targets.empty() ? scene.inputs.front().camera : scene.targets.front().camera;
    std::vector<NamedRule> rules = preset_rules(*opened.model);
    if (!options.model.rule.empty()) {
        rules = {{options.model.rule, opened.session.rule()}};
    }
    if (!options.model.ns_precision.empty()) {
        for (NamedRule& one : rules) {
            one.rule.ns_precision = opened.session.rule().ns_precision;
        }
    }
    LACT_TRY(const auto rows, check_twin(*opened.model, scene.inputs, target, rules, job));
    if (options.json) {
        fmt::print("{}\n", to_json(opened, rows).dump(2));
    } else {
        print_table(rows);
    }
    return verdict(rows);
}

Result<void> verdict(std::span<const TwinCheckRow> rows) {
    const auto failed =
        std::count_if(rows.begin(), rows.end(), [](const TwinCheckRow& row) { return row.failed(); });
    if (failed > 0) {
        return fail("twin check", fmt::format("{} of {} rows are out of tolerance", failed, rows.size()));
    }
    return {};
}

}  // namespace lact::app
