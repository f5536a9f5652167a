#include "engine/model/rays.h"
#include "engine/model/two_stage.h"
#include "tests/support/golden.h"

#include <cmath>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

using test::GoldenFile;
using test::test_device;

/// Input and target views of a golden model file as the network takes them.
struct Views {
    at::Tensor posed;  ///< [b, v, 12, h, w]
    at::Tensor pose;   ///< [b, v, 9, h, w]
};

Views read_views(const GoldenFile& golden) {
    const auto images = golden.get("in.input.image");
    const auto channels = [&](const std::string& which) {
        return pose_channels(golden.get("in." + which + ".fxfycxcy"), golden.get("in." + which + ".c2w"),
                             images.size(3), images.size(4));
    };
    return {at::cat({channels("input"), images * 2 - 1}, 2), channels("target")};
}

Checkpoint read_weights(const std::string& name) {
    auto checkpoint = load_checkpoint(test::golden_dir() / (name + "_weights.safetensors"));
    if (!checkpoint) {
        throw std::runtime_error(checkpoint.error().message());
    }
    return std::move(*checkpoint);
}

double psnr_between(const at::Tensor& a, const at::Tensor& b) {
    return -10 * std::log10((a.cpu() - b.cpu()).square().mean().item<double>());
}

/// A result in bf16 must not be farther from the golden value in fp32 than this many times the distance of
/// the released code's own result in bf16, nor nearer by as much. Roundings of one size differ by nearly that
/// within the golden files: the released code is off by 0.0171 (RMS) in one view of rule mse and by 0.0089 in
/// the other, and by 0.0211 with more rounding (autocast) against 0.0158 without in model a, but by 0.0138
/// against 0.0180 in model b.
constexpr double rounding_factor = 2;

/// EXPECTs `actual` to be rounded as much as the golden `tensor`; `exact` is that value in fp32.
void expect_rounded(GoldenFile& golden, const std::string& tensor, const std::string& exact,
                    const at::Tensor& actual) {
    golden.mark_compared(tensor);
    const at::Tensor in_fp32 = golden.get(exact);
    const at::Tensor released = golden.get(tensor);
    ASSERT_TRUE(in_fp32.defined() && released.defined());
    ASSERT_EQ(actual.sizes(), in_fp32.sizes()) << tensor;
    const auto distance = [&in_fp32](const at::Tensor& x) {
        return (x.to(test_device(), at::kDouble) - in_fp32.to(at::kDouble)).norm().item<double>();
    };
    const double ours = distance(actual);
    const double theirs = distance(released);
    // Written so that NaN fails.
    EXPECT_TRUE(ours <= rounding_factor * theirs && ours >= theirs / rounding_factor)
        << tensor << " is off its value in fp32 by " << ours << ", that of the released code by " << theirs;
}

/// EXPECTs what the golden README allows for renderings of one precision. It gives no largest difference.
void expect_near_rendering(GoldenFile& golden, const std::string& tensor, const at::Tensor& actual,
                           const std::string& precision) {
    constexpr double no_limit = 1e30;
    const bool autocast = precision == "autocast_cpu_bf16";
    golden.expect_close(tensor, actual, {.max = no_limit, .mean = autocast ? 0.05 : 0.04});
    EXPECT_GE(psnr_between(actual, golden.get(tensor)), autocast ? 26 : 28) << tensor;
}

/// The tokens before and inside of block 0 that do not depend on the update.
void check_front(GoldenFile& golden, const Network& network, const Views& views) {
    const bool has_channels = golden.has("out.posed_input_view0");
    if (has_channels) {
        golden.expect_close("out.posed_input_view0", views.posed[0][0], {3e-6});
        golden.expect_close("out.pose_only_target_view0", views.pose[0][0], {3e-6});
    }
    const auto x = at::cat({network.embed(views.posed), network.embed_targets(views.pose)}, 1);
    golden.expect_close("out.tokens0", x, {2e-5});
    const int64_t patch = network.config().patch;
    const int64_t per_view = views.pose.size(3) / patch * (views.pose.size(4) / patch);
    // All tokens update here, only so that the record holds k, v and rates of the target tokens as well.
    const UpdateRule rule;
    BlockRecord record;
    FastWeights unused;
    (void)network.block(0, x, {&rule, per_view, x.size(1), false}, unused, &record);
    golden.expect_close("out.block0.sub0", record.attention.view({-1, per_view, x.size(2)}), {2e-5});
    golden.expect_close("out.block0.lr_fc", record.lr, {2e-5});
    golden.expect_close("out.block0.ttt.q", record.q, {2e-5});
    golden.expect_close("out.block0.ttt.k", record.update.k, {2e-5});
    golden.expect_close("out.block0.ttt.v", record.update.v, {2e-5});
    golden.expect_close("out.block0.ttt.lr0", record.update.lr0, {2e-5});
    golden.expect_close("out.block0.ttt.lr1", record.update.lr1, {2e-5});
    golden.expect_close("out.block0.ttt.lr2", record.update.lr2, {2e-5});
}

/// `render` and `render_two_stage` of one precision, and every block's tokens and fast weights.
void check_network(GoldenFile& golden, const Network& network, const Views& views,
                   const std::string& precision) {
    const bool tight = precision == "fp32";
    UpdateRule rule;
    rule.ns_precision = tight ? NsPrecision::fp32 : NsPrecision::bf16;
    std::vector<BlockRecord> records;
    SceneState fast;
    const auto render_joint = joint_pass(network, rule, views.posed, views.pose, &records, &fast);
    const auto state = set_up(network, rule, views.posed);
    ASSERT_TRUE(state.has_value());
    const auto render_staged = render(network, rule, *state, views.pose);
    ASSERT_TRUE(render_staged.has_value());
    const auto value_of = [&](const std::string& what) -> at::Tensor {
        if (what == "render") {
            return render_joint;
        }
        if (what == "render_two_stage") {
            return *render_staged;
        }
        const auto dot = what.find('.');
        const auto i = static_cast<std::size_t>(std::stoi(what.substr(5, dot - 5)));  // block<i>.<part>
        const std::string part = what.substr(dot + 1);
        const BlockRecord& record = records.at(i);
        return part == "tokens"  ? record.tokens
               : part == "ttt.o" ? record.o
               : part == "sub1"  ? record.ttt
               : part == "sub2"  ? record.mlp
               : part == "w0"    ? fast.at(i).w0
               : part == "w1"    ? fast.at(i).w1
               : part == "w2"    ? fast.at(i).w2
                                 : at::Tensor();
    };
    const std::string prefix = "out." + precision + ".";
    for (const std::string& name : golden.with_prefix(prefix)) {
        const std::string what = name.substr(prefix.size());
        const bool is_image = what.starts_with("render");
        const auto actual = value_of(what);
        ASSERT_TRUE(actual.defined()) << name;
        if (tight) {
            golden.expect_close(name, actual, {is_image ? 3e-5 : 3e-4});
            continue;
        }
        expect_rounded(golden, name, "out.fp32." + what, actual);
        if (is_image) {
            expect_near_rendering(golden, name, actual, precision);
        }
    }
}

TEST(GoldenLactNvsModel, TokensFastWeightsAndImages) {
    auto names = GoldenFile::names_with("lact_nvs_model_");
    std::erase_if(names, [](const std::string& name) { return name.ends_with("variants"); });
    if (names.empty()) {
        GTEST_SKIP() << GoldenFile::skip_reason("lact_nvs_model_*");
    }
    const c10::InferenceMode no_gradients;
    for (const std::string& name : names) {
        SCOPED_TRACE(name);
        auto golden = GoldenFile::open(name);
        ASSERT_TRUE(golden.has_value());
        const Views views = read_views(*golden);
        const Checkpoint checkpoint = read_weights(name);
        const Network network(checkpoint, test_device(), at::kFloat);
        check_front(*golden, network, views);
        check_network(*golden, network, views, "fp32");
        check_network(*golden, network, views, "bf16");
        const Network half(checkpoint, test_device(), at::kBFloat16);
        check_network(*golden, half, views, "autocast_cpu_bf16");
        golden->finish();
    }
}

void check_variant(GoldenFile& golden, const Network& network, const std::string& rule_name,
                   const std::string& mode) {
    const UpdateRule rule = test::golden_rule(rule_name, mode);
    const Views views = read_views(golden);
    std::vector<BlockRecord> records;
    SceneState fast;
    const auto images = joint_pass(network, rule, views.posed, views.pose, &records, &fast);
    const std::string prefix = "out." + rule_name + "." + mode + ".";
    if (test::is_bf16(mode)) {
        expect_rounded(golden, prefix + "render", "out." + rule_name + ".ns5_fp32.render", images);
        expect_near_rendering(golden, prefix + "render", images, "bf16");
        return;
    }
    golden.expect_close(prefix + "render", images, {3e-5});
    for (std::size_t i = 0; i < records.size(); ++i) {
        const std::string block = prefix + "block" + std::to_string(i);
        golden.expect_close(block + ".tokens", records[i].tokens, {3e-4});
        golden.expect_close(block + ".w1", fast[i].w1, {3e-4});
    }
}

TEST(GoldenLactNvsModelVariants, EveryRule) {
    LACT_GOLDEN(golden, "lact_nvs_model_variants");
    const c10::InferenceMode no_gradients;
    const Network network(read_weights("lact_nvs_model_variants"), test_device(), at::kFloat);
    for (const std::string& name : golden.with_prefix("out.")) {
        if (name.ends_with(".render")) {
            const auto dot = name.find('.', 4);
            const std::string rule = name.substr(4, dot - 4);
            const std::string mode = name.substr(dot + 1, name.size() - dot - 8);
            check_variant(golden, network, rule, mode);
        }
    }
    golden.finish();
}

TEST(GoldenLactNvsModelVariants, WeightsTrainedWithoutAQueryProjection) {
    LACT_GOLDEN(golden, "lact_nvs_model_variants");
    const c10::InferenceMode no_gradients;
    Checkpoint checkpoint = read_weights("lact_nvs_model_variants");
    const int64_t d = checkpoint.config.d;
    for (auto& [name, tensor] : checkpoint.file.tensors) {
        if (name.ends_with("module_list.1.f.to_qkv.weight")) {
            tensor = tensor.slice(0, d, 3 * d);
        }
    }
    checkpoint.config.query_is_key = true;
    const Network network(checkpoint, test_device(), at::kFloat);
    check_variant(golden, network, "no_query", "ns5_fp32");
}

}  // namespace
}  // namespace lact
