#include "engine/train/rule_sweep.h"

#include "engine/core/counted.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {
namespace {

constexpr std::string_view every_rule = "all";
constexpr std::string_view reference_rule = "baseline";

const RulePreset* find_preset(std::string_view name) {
    const auto presets = rule_presets();
    const auto found = std::ranges::find(presets, name, &RulePreset::name);
    return found == presets.end() ? nullptr : &*found;
}

/// All presets with different rules.
std::vector<const RulePreset*> different_presets() {
    std::vector<const RulePreset*> chosen;
    for (const RulePreset& preset : rule_presets()) {
        const bool known = std::ranges::any_of(
            chosen, [&preset](const RulePreset* one) { return one->rule == preset.rule; });
        if (!known) {
            chosen.push_back(&preset);
        }
    }
    return chosen;
}

Result<std::vector<const RulePreset*>> chosen_presets(std::string_view rules) {
    if (rules == every_rule) {
        return different_presets();
    }
    std::vector<const RulePreset*> chosen;
    for (std::size_t from = 0; from <= rules.size();) {
        const std::size_t comma = std::min(rules.find(',', from), rules.size());
        const std::string_view name = rules.substr(from, comma - from);
        const RulePreset* const preset = find_preset(name);
        if (preset == nullptr) {
            std::vector<std::string_view> known;
            for (const RulePreset& one : rule_presets()) {
                known.push_back(one.name);
            }
            return fail(
                "rules", fmt::format("'{}' is not known", name),
                fmt::format("Use all, or names with commas between them: {}.", fmt::join(known, ", ")));
        }
        const auto same = [preset](const RulePreset* one) { return one->rule == preset->rule; };
        if (std::ranges::any_of(chosen, same)) {
            return fail("rules", fmt::format("'{}' is given twice, or equals another one", name),
                        "Without momentum, variant5 equals variant4.");
        }
        chosen.push_back(preset);
        from = comma + 1;
    }
    const RulePreset* const reference = find_preset(reference_rule);
    std::erase(chosen, reference);
    chosen.insert(chosen.begin(), reference);
    return chosen;
}

}  // namespace

Result<Sweep> rule_sweep(const TrainConfig& config, std::string_view rules,
                         const std::vector<std::uint64_t>& seeds) {
    if (seeds.empty()) {
        return fail("seeds", "are none", "Give at least one with --seeds.");
    }
    if (std::set(seeds.begin(), seeds.end()).size() != seeds.size()) {
        return fail("seeds", fmt::format("are {}", fmt::join(seeds, ", ")), "Give each seed once.");
    }
    LACT_TRY(const std::vector<const RulePreset*> presets, chosen_presets(rules));
    Sweep sweep;
    sweep.name = config.name;
    sweep.minutes = 0;
    sweep.seeds = seeds;
    for (const RulePreset* const preset : presets) {
        SweepEntry entry{std::string(preset->name), config, seeds};
        entry.config.rule = preset->name;
        if (preset->name == reference_rule) {
            entry.seeds.push_back(std::ranges::max(seeds) + 1);
        }
        LACT_CHECK(check_train_config(entry.config, fmt::format("rule {}", preset->name)));
        sweep.entries.push_back(std::move(entry));
    }
    return sweep;
}

std::string format_rule_table(const Sweep& sweep, const std::vector<SweepRow>& rows) {
    std::string table = fmt::format(
        "{}: equal steps, {}, for the first row one more\n\n| trained with | runs | PSNR, dB | "
        "foreground | to the first | paper, dB | to its first |\n|---|---|---|---|---|---|---|\n",
        sweep.name, counted(sweep.seeds.size(), "seed"));
    const RulePreset* const reference = find_preset(reference_rule);
    for (const SweepRow& row : rows) {
        const Spread all = psnr_spread(row);
        const Spread object = foreground_spread(row);
        const RulePreset* const preset = find_preset(row.name);
        const double paper = preset != nullptr ? preset->paper_psnr : 0;
        const std::string measured =
            all.count == 0 ? "| | "
                           : fmt::format("{} | {} | {} ", mean_text(all, 2), mean_text(object, 2),
                                         difference_to_first(row, rows.front()));
        const std::string published =
            paper > 0
                ? fmt::format("{:.2f} | {}", paper,
                              preset == reference ? std::string("–")
                                                  : fmt::format("{:+.2f}", paper - reference->paper_psnr))
                : std::string(" | ");
        const std::string failed =
            all.count < row.results.size() ? fmt::format(" ({} failed)", row.results.size() - all.count) : "";
        table += fmt::format("| {} | {}{} | {}| {} |\n", preset != nullptr ? preset->paper : row.name,
                             all.count, failed, measured, published);
    }
    if (!rows.empty() && psnr_spread(rows.front()).count > 0) {
        const auto sample = std::ranges::find_if(
            rows.front().results, [](const SweepResult& result) { return result.failure.empty(); });
        table += fmt::format(
            "\nEach trained on {}, measured on {} of {}; nearest photo {:.2f} dB, silhouette in its mean "
            "colour "
            "{:.2f}. The spread "
            "is the standard deviation over seeds; a difference that lies within its 95 % interval around 0, "
            "so that seeds alone may make it, is marked.\n",
            counted(sample->scenes, "scene"), counted(sample->score.scenes, "held-out scene"),
            sweep.entries.front().config.families.front()->name, sample->score.baseline.nearest_view,
            sample->score.baseline.silhouette);
    }
    return table +
           "\nPaper: arXiv 2602.21204, tables 1 and 2, LaCT-NVS with 12 layers, d = 768, trained with "
           "each rule on RealEstate10K at 128x128 with 2 input views, one figure a rule. Variant 5 "
           "is Variant 4 there, too.\n";
}

}  // namespace lact
