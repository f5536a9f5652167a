#include "engine/metrics/metrics.h"

#include "tests/support/golden.h"

#include <cmath>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact::test {
namespace {

/// A tensor [h, w, 3] as an image.
ImageF image_f_of(const at::Tensor& tensor) {
    const auto values = tensor.to(at::kCPU, at::kFloat).contiguous();
    const float* data = values.data_ptr<float>();
    return {
        static_cast<int>(values.size(1)), static_cast<int>(values.size(0)), {data, data + values.numel()}};
}

at::Tensor scalar(double value) {
    return at::tensor({value}, at::kDouble);
}

TEST(GoldenMetrics, PsnrAndSsim) {
    LACT_GOLDEN(golden, "metrics");
    const std::string ending = ".in.a";
    int pairs = 0;
    for (const std::string& name : golden.with_prefix("")) {
        if (!name.ends_with(ending)) {
            continue;
        }
        const std::string pair = name.substr(0, name.size() - ending.size());
        const ImageF a = image_f_of(golden.get(name));
        const ImageF b = image_f_of(golden.get(pair + ".in.b"));
        golden.expect_close(pair + ".out.mse", scalar(mean_squared_error(a, b)), {.max = 1e-7});
        if (golden.has(pair + ".out.psnr")) {
            golden.expect_close(pair + ".out.psnr", scalar(psnr(a, b)), {.max = 1e-3});
        } else {
            EXPECT_TRUE(std::isinf(psnr(a, b))) << pair;
        }
        golden.expect_close(pair + ".out.ssim", scalar(ssim(a, b)), {.max = 1e-6});
        golden.expect_close(pair + ".out.ssim_fp32", scalar(ssim(a, b)), {.max = 1e-4});
        ++pairs;
    }
    EXPECT_GT(pairs, 0);
    golden.finish();
}

}  // namespace
}  // namespace lact::test
