#include "engine/ttt/newton_schulz.h"

#include "tests/support/golden.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

using test::Tolerance;

TEST(GoldenNewtonSchulz, EveryMatrixStepCountAndPrecision) {
    LACT_GOLDEN(golden, "newton_schulz");
    for (const std::string& name : golden.with_prefix("out.")) {
        // out.<matrix>.<nvs0|nvs1|nvs5|llm5>_<bf16|fp32>
        const auto dot = name.rfind('.');
        const auto underscore = name.rfind('_');
        const std::string matrix = name.substr(4, dot - 4);
        const std::string steps = name.substr(dot + 1, underscore - dot - 1);
        const std::string type = name.substr(underscore + 1);
        const bool half = type == "bf16";
        const auto precision = half ? NsPrecision::bf16 : NsPrecision::fp32;
        const auto g = golden.get("in." + matrix);
        const auto result = steps.starts_with("llm")
                                ? newton_schulz(g, llm_coefficients, precision)
                                : newton_schulz(g, std::stoi(steps.substr(3)), precision);
        const bool rank_deficient = matrix == "rank2";
        // Outside of a rank-deficient matrix's range rounding decides: bf16 results there are only near each
        // other.
        const Tolerance rounded = rank_deficient ? Tolerance{0.5, 0.05} : Tolerance{0.06, 0.01};
        const Tolerance tight{rank_deficient ? 1e-4 : 1e-5};
        golden.expect_close(name, result, half ? rounded : tight);
    }
    golden.finish();
}

}  // namespace
}  // namespace lact
