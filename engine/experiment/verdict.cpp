#include "engine/experiment/verdict.h"

namespace lact {

Agreement mirror_verdict(double linear, double control, bool all_measured) {
    if (linear != 0) {
        return Agreement::disagrees;
    }
    return control > other_image && all_measured ? Agreement::agrees : Agreement::open;
}

Agreement linear_rendering_verdict(double in_fp64, double of_many_steps, bool all_measured) {
    if (!(in_fp64 <= same_image_fp64)) {
        return Agreement::disagrees;
    }
    return of_many_steps <= same_image_fp64 && all_measured ? Agreement::agrees : Agreement::open;
}

Agreement figure_verdict(bool holds, bool as_in_figure) {
    if (!as_in_figure) {
        return Agreement::open;
    }
    return holds ? Agreement::agrees : Agreement::disagrees;
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

void CaseRange::add(double difference) {
    const double value = std::isfinite(difference) ? difference : std::numeric_limits<double>::infinity();
    smallest = std::fmin(smallest, value);
    largest = std::fmax(largest, value);
}

CaseSide side_of(const CaseRange& range) {
    if (!range.measured()) {
        return CaseSide::not_measured;
    }
    if (range.largest <= reduces_below) {
        return CaseSide::reduces;
    }
    if (range.smallest >= differs_above) {
        return CaseSide::differs;
    }
    return range.smallest <= reduces_below && range.largest >= differs_above ? CaseSide::mixed
                                                                             : CaseSide::undecided;
}

void CaseCounts::add(const CaseRange& range, bool reduces) {
    const CaseSide side = side_of(range);
    if (side == CaseSide::not_measured) {
        return;
    }
    ++measured;
    if (side == (reduces ? CaseSide::reduces : CaseSide::differs)) {
        ++as_stated;
    } else if (reduces ? range.largest >= differs_above : range.smallest <= reduces_below) {
        ++contrary;
    }
}

Agreement irreducible_verdict(const CaseCounts& counts, bool all_measured) {
    if (counts.contrary > 0) {
        return Agreement::disagrees;
    }
    return counts.as_stated == counts.measured && all_measured ? Agreement::agrees : Agreement::open;
}

Agreement recall_verdict(double one_step, const Spread& rise, double chance) {
    if (!(one_step < learned_share * chance) || !rise.differs_from_zero()) {
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
