#include "engine/metrics/metrics.h"
#include "engine/scene/prepare.h"
#include "tests/support/cameras.h"
#include "tests/support/golden.h"

#include <array>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace lact::test {
namespace {

/// In 8-bit levels. An emulation of the 8-bit arithmetic is off by one level in few places at most.
constexpr Tolerance levels{.max = 1, .mean = 0.002};

at::Tensor chw(const Image8& image) {
    return at::tensor(at::ArrayRef<std::uint8_t>(image.pixels), at::kByte)
        .reshape({image.height, image.width, image.channels})
        .permute({2, 0, 1});
}

Image8 image8_of(const at::Tensor& tensor) {
    const auto values = tensor.to(at::kCPU).permute({1, 2, 0}).contiguous();
    const auto* data = values.data_ptr<std::uint8_t>();
    return {static_cast<int>(values.size(1)),
            static_cast<int>(values.size(0)),
            static_cast<int>(values.size(2)),
            {data, data + values.numel()}};
}

/// All tensors of the file: its names lack the "out" that GoldenFile::finish() goes by, so this test counts
/// itself.
std::set<std::string> expected_names(const GoldenFile& golden) {
    std::set<std::string> names;
    for (const std::string& name : golden.with_prefix("")) {
        if (name.find(".in.") == std::string::npos) {
            names.insert(name);
        }
    }
    return names;
}

TEST(GoldenPreprocess, ResizeAndCrop) {
    LACT_GOLDEN(golden, "preprocess");
    int cases = 0;
    for (const auto& [name, sizes] : golden.config().at("synth").items()) {
        const Size target{sizes.at("target_w").get<int>(), sizes.at("target_h").get<int>()};
        const Image8 source = image8_of(golden.get(name + ".in.image_u8"));
        const CoverCrop crop = cover_crop({source.width, source.height}, target);
        golden.expect_close(name + ".out.image_u8", chw(apply(crop, source, target)), levels);
        const auto in = golden.get(name + ".in.fxfycxcy").to(at::kCPU, at::kDouble);
        Camera camera{
            source.width,         source.height,        in[0].item<double>(),       in[1].item<double>(),
            in[2].item<double>(), in[3].item<double>(), Eigen::Matrix4d::Identity()};
        camera = apply(crop, camera, target);
        golden.expect_close(name + ".out.fxfycxcy", intrinsics_tensor({camera})[0], {.max = 1e-4});
        ++cases;
    }
    EXPECT_GT(cases, 0);
    golden.finish();
}

TEST(GoldenPreprocess, ViewsOfARealScene) {
    LACT_GOLDEN(golden, "preprocess");
    const auto folder = scenes_dir() / golden.config().at("scene").get<std::string>();
    if (scenes_dir().empty() || !std::filesystem::exists(folder)) {
        GTEST_SKIP() << "golden: SKIPPED the scene " << folder.string()
                     << " is not there (set LACT_SCENES_DIR)";
    }
    const auto scene = read_scene(folder);
    ASSERT_TRUE(scene) << scene.error().message();
    const auto views = golden.config().at("views").get<std::vector<std::size_t>>();
    std::set<std::string> left = expected_names(golden);
    std::erase_if(left, [](const std::string& name) { return name.starts_with("synth"); });
    for (const auto& hw : golden.config().at("target_hw")) {
        const Size target{hw.at(1).get<int>(), hw.at(0).get<int>()};
        const std::string prefix = fmt::format("h{}w{}.", target.height, target.width);
        const auto prepared = prepare_views(*scene, views, target);
        ASSERT_TRUE(prepared) << prepared.error().message();
        std::vector<at::Tensor> images;
        std::vector<at::Tensor> uncomposed;
        std::vector<Camera> cameras;
        for (const PreparedView& view : *prepared) {
            images.push_back(chw(to_image8(*view.image)));
            cameras.push_back(view.camera);
            const auto photo = load_image(scene->views.at(view.index).image);
            ASSERT_TRUE(photo) << photo.error().message();
            uncomposed.push_back(
                chw(apply(cover_crop({photo->width, photo->height}, target), *photo, target)));
        }
        const std::array<std::pair<const char*, at::Tensor>, 2> stacks{
            {{"image_u8", at::stack(images)}, {"rgba_before_compose_u8", at::stack(uncomposed)}}};
        for (const auto& [name, actual] : stacks) {
            golden.expect_close(prefix + name, actual, levels);
            left.erase(prefix + name);
        }
        golden.expect_close(prefix + "fxfycxcy", intrinsics_tensor(cameras), {.max = 1e-4});
        golden.expect_close(prefix + "c2w", c2w_tensor(cameras), {.max = 1e-5});
        left.erase(prefix + "fxfycxcy");
        left.erase(prefix + "c2w");
    }
    for (const std::string& name : left) {
        ADD_FAILURE() << "preprocess: " << name << " was not compared";
    }
}

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
