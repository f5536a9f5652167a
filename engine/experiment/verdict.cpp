#include "engine/experiment/verdict.h"

#include "engine/metrics/spread.h"

#include <vector>

namespace lact {

Agreement mirror_verdict(double linear, double control, bool all_measured) {
    if (linear != 0) {
        return Agreement::disagrees;
    }
    return control > other_image && all_measured ? Agreement::agrees : Agreement::open;
}

Agreement linear_rendering_verdict(double in_fp32, double in_fp64, bool all_measured) {
    if (!(in_fp32 <= same_image_fp32 && in_fp64 <= same_image_fp64)) {
        return Agreement::disagrees;
    }
    return all_measured ? Agreement::agrees : Agreement::open;
}

Agreement check_verdict(const CheckCounts& counts) {
    if (counts.compared == 0) {
        return Agreement::open;
    }
    if (!counts.passes || counts.detected < counts.applicable) {
        return Agreement::disagrees;
    }
    return counts.applicable == 0 || counts.ignored > 0 ? Agreement::open : Agreement::agrees;
}

Agreement ablation_verdict(double largest_change) {
    return largest_change <= same_psnr ? Agreement::agrees : Agreement::disagrees;
}

Agreement irreducible_verdict(std::size_t as_stated, std::size_t measured, bool all_measured) {
    if (as_stated < measured) {
        return Agreement::disagrees;
    }
    return all_measured ? Agreement::agrees : Agreement::open;
}

Agreement recall_verdict(std::span<const double> one_step, std::span<const double> most_steps,
                         double chance) {
    std::vector<double> rises;
    for (std::size_t seed = 0; seed < one_step.size(); ++seed) {
        rises.push_back(most_steps[seed] - one_step[seed]);
    }
    const Spread rise = spread_of(rises);
    if (!(spread_of(one_step).mean < learned_share * chance) || !rise.differs_from_zero()) {
        return Agreement::open;
    }
    return rise.mean > 0 ? Agreement::agrees : Agreement::disagrees;
}

Agreement trained_rules_verdict(double baseline, double lowest, bool spread_known, double largest_spread) {
    if (!spread_known || largest_spread > rule_margin) {
        return Agreement::open;
    }
    return lowest >= baseline - rule_margin ? Agreement::agrees : Agreement::disagrees;
}

}  // namespace lact
