#include "engine/session/memory.h"

#include "tests/engine/scene/images.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace lact {
namespace {

ModelConfig some_config() {
    ModelConfig config;
    config.layers = 4;
    config.d = 128;
    config.ttt_head = 64;
    config.hidden_multiple = 2;
    config.patch = 8;
    return config;
}

SceneFiles scene_of(std::size_t views, int width, int height) {
    SceneFiles scene;
    scene.views.resize(views);
    for (SceneView& view : scene.views) {
        view.camera.width = width;
        view.camera.height = height;
    }
    return scene;
}

TEST(MemoryEstimate, CountsEveryPart) {
    const ModelConfig config = some_config();
    const MemoryNeed need = estimate_memory(scene_of(40, 4000, 3000), config, 8, {256, 192}, 4);
    EXPECT_EQ(need.photos, 4U * 3 * 4 * 4000 * 3000);
    EXPECT_EQ(need.images, 40U * 256 * 192 * 3 * 4);
    EXPECT_EQ(need.posed, (8U + 2) * 256 * 192 * 12 * 4);
    EXPECT_EQ(need.set_up, set_up_bytes(config, 8, {256, 192}));
    EXPECT_EQ(need.state, 2U * 4 * 2 * 3 * 64 * 128 * 4);
    EXPECT_EQ(need.frame, set_up_bytes(config, 1, {256, 192}));
    EXPECT_EQ(need.total(), need.images + std::max(need.photos, need.state + need.set_up));
    const MemoryNeed wide = estimate_memory(scene_of(40, 4000, 3000), config, 8, {256, 192}, 4, 8);
    EXPECT_EQ(wide.state, 2 * need.state);
    EXPECT_EQ(wide.posed, 2 * need.posed);
    EXPECT_EQ(wide.set_up, 2 * need.set_up);
    EXPECT_EQ(wide.images, need.images) << "images stay fp32";
    // Fewer photos than threads.
    EXPECT_EQ(estimate_memory(scene_of(2, 100, 100), config, 1, {64, 64}, 16).photos, 2U * 3 * 4 * 100 * 100);
    EXPECT_EQ(estimate_memory({}, config, 0, {64, 64}).images, 0U);
}

TEST(MemoryEstimate, OffersWhatFits) {
    const ModelConfig config = some_config();
    const Size size{256, 192};
    const std::size_t available = set_up_bytes(config, 20, size);
    EXPECT_TRUE(check_memory(config, 20, size, available));
    const SmallerRequest offer = smaller_request(config, 50, size, available);
    EXPECT_EQ(offer.views, 20U);
    EXPECT_EQ(offer.size.width % config.patch, 0);
    EXPECT_EQ(offer.size.height % config.patch, 0);
    EXPECT_LT(offer.size.width, size.width);
    EXPECT_TRUE(check_memory(config, 50, offer.size, available));
    EXPECT_NEAR(static_cast<double>(offer.size.width) / offer.size.height, 4.0 / 3, 0.1);
    const auto refused = check_memory(config, 50, size, available);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().hint.find("20 input views"), std::string::npos) << refused.error().hint;
    EXPECT_NE(refused.error().hint.find(std::to_string(offer.size.width) + "x"), std::string::npos);
}

TEST(MemoryEstimate, TheFormOfALayerNeedsMoreThanASetUp) {
    const ModelConfig config = some_config();
    const Size size{256, 192};
    const std::size_t available = layer_bytes(config, 1, 1, 20, size);
    EXPECT_GT(available, set_up_bytes(config, 20, size));
    EXPECT_GT(layer_bytes(config, 4, 1, 20, size), available) << "a form for each inner step";
    EXPECT_GT(layer_bytes(config, 1, 2, 20, size), available) << "two heads in fp64";
    EXPECT_TRUE(check_layer_memory(config, 1, 1, 20, size, available));
    EXPECT_TRUE(check_layer_memory(config, 1, 1, 1000, size, 0)) << "unknown: not refused";
    const auto refused = check_layer_memory(config, 1, 1, 300, size, available);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find("300 input views"), std::string::npos) << refused.error().what;
    EXPECT_NE(refused.error().hint.find("20 input views"), std::string::npos) << refused.error().hint;
}

TEST(MemoryEstimate, OffersWhatFitsOfAWholeScene) {
    const ModelConfig config = some_config();
    const SceneFiles scene = scene_of(40, 400, 300);
    const Size size{256, 192};
    const std::size_t available = estimate_memory(scene, config, 12, size).total();
    const SmallerRequest offer = smaller_request(scene, config, 30, size, available);
    EXPECT_EQ(offer.views, 12U);
    EXPECT_GT(offer.size.width, 0);
    EXPECT_LT(offer.size.width, size.width);
    EXPECT_LE(estimate_memory(scene, config, 30, offer.size).total(), available);
    EXPECT_EQ(offer.sentence(), "Use 12 input views or fewer, or a size of at most " +
                                    std::to_string(offer.size.width) + "x" +
                                    std::to_string(offer.size.height) + ".");
    // Decoding the photos alone is too much: neither fewer views nor a smaller size help.
    const SmallerRequest none = smaller_request(scene_of(40, 40000, 30000), config, 30, size, available);
    EXPECT_EQ(none.views, 0U);
    EXPECT_EQ(none.size.width, 0);
    EXPECT_TRUE(none.sentence().empty());
}

TEST(MemoryEstimate, PhotosAreAsLargeAsTheirFiles) {
    const test::TemporaryFolder folder;
    SceneFiles scene = scene_of(2, 10, 10);  // As the scene's file says.
    scene.views[1].image = folder.file("a.png", *encode_png(test::plain_image(40, 30, {1, 2, 3})));
    EXPECT_EQ(estimate_memory(scene, some_config(), 1, {64, 64}, 2).photos, 2U * 3 * 4 * 40 * 30);
    scene.views[1].image = folder.path() / "gone.png";
    EXPECT_EQ(estimate_memory(scene, some_config(), 1, {64, 64}, 2).photos, 2U * 3 * 4 * 10 * 10);
}

TEST(MemoryEstimate, WhereTheModelIsElsewhereItsInputIsMadeInMainMemory) {
    const ModelConfig config = some_config();
    const Size size{256, 192};
    // Small photos are decoded in less than the input views take: fewer of them are a help.
    const SceneFiles scene = scene_of(200, 100, 75);
    const MemoryNeed need = estimate_memory(scene, config, 150, size);
    EXPECT_EQ(need.without_model(), need.images + need.posed);
    EXPECT_EQ(smaller_request(scene, config, 150, size, need.without_model(), false).views, 150U);
    const SmallerRequest offer = smaller_request(scene, config, 150, size, need.without_model() - 1, false);
    EXPECT_EQ(offer.views, 149U);
    EXPECT_GT(offer.size.width, 0);
    EXPECT_LE(estimate_memory(scene, config, 150, offer.size).without_model(), need.without_model());
    // Large ones take more, and every view is kept: fewer inputs are no help.
    const SceneFiles large = scene_of(40, 4000, 3000);
    const std::size_t available = estimate_memory(large, config, 2, size).without_model();
    EXPECT_EQ(smaller_request(large, config, 2, size, available - 1, false).views, 0U);
}

TEST(MemoryEstimate, OtherFormsOfALayerTakeAllTokensAtOnce) {
    const ModelConfig config = some_config();
    const Size size{256, 256};  // 1024 tokens a view, 16 views a tile.
    UpdateRule rule;
    rule.inner_steps = 4;
    const auto bytes = [&](const LayerForms& forms, std::size_t views, Precision precision) {
        return set_up_bytes(config, views, size, set_up_work(forms, rule, precision));
    };
    LayerForms forms(4, LayerForm::ttt);
    EXPECT_EQ(bytes({}, 64, Precision::fp32), set_up_bytes(config, 64, size));
    EXPECT_EQ(bytes(forms, 64, Precision::bf16), set_up_bytes(config, 64, size));
    for (const LayerForm form : {LayerForm::linear, LayerForm::unchanged, LayerForm::fixed_features}) {
        forms[2] = form;
        EXPECT_EQ(bytes(forms, 64, Precision::fp32), 4 * bytes(forms, 16, Precision::fp32)) << "no tiles";
        EXPECT_GT(bytes(forms, 64, Precision::fp32), 2 * set_up_bytes(config, 64, size));
        EXPECT_EQ(bytes(forms, 64, Precision::fp64), 2 * bytes(forms, 64, Precision::fp32));
    }
    EXPECT_EQ(bytes({}, 64, Precision::fp64), 2 * set_up_bytes(config, 64, size));
    forms[2] = LayerForm::linear;
    EXPECT_EQ(bytes(forms, 64, Precision::fp32), layer_bytes(config, 4, 0, 64, size)) << "every step is kept";
    EXPECT_EQ(layer_bytes(config, 4, 0, 64, size, sizeof(double)), 2 * layer_bytes(config, 4, 0, 64, size));
    const SetUpWork work = set_up_work(forms, rule, Precision::fp32);
    const std::size_t available = bytes(forms, 20, Precision::fp32);
    EXPECT_TRUE(check_memory(config, 20, size, available, work));
    EXPECT_TRUE(check_memory(config, 21, size, available)) << "in tiles";
    const auto refused = check_memory(config, 21, size, available, work);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find("21 input views of 256x256 at once need"), std::string::npos)
        << refused.error().what;
    EXPECT_NE(refused.error().hint.find("20 input views"), std::string::npos) << refused.error().hint;
}

/// Control groups as files of a folder.
struct Groups {
    test::TemporaryFolder folder;
    void set(const std::string& group, const std::string& name, const std::string& text) const {
        std::filesystem::create_directories(folder.path() / group);
        (void)folder.file(group + "/" + name, text);
    }
    [[nodiscard]] std::optional<std::size_t> left(std::string_view groups) const {
        return control_group_bytes(groups, folder.path());
    }
};

TEST(MemoryLimit, TheTightestControlGroupCounts) {
    const Groups groups;
    EXPECT_FALSE(groups.left("0::/a/b\n"));
    groups.set("a/b", "memory.max", "max\n");
    EXPECT_FALSE(groups.left("0::/a/b\n"));
    groups.set("a", "memory.max", "1000\n");
    groups.set("a", "memory.current", "700\n");
    groups.set("a", "memory.stat", "anon 500\ninactive_file 200\n");
    EXPECT_EQ(groups.left("0::/a/b\n"), 500U);
    groups.set("a/b", "memory.max", "300\n");
    groups.set("a/b", "memory.current", "400\n");
    EXPECT_EQ(groups.left("0::/a/b\n"), 0U);
    // Of a container that sees its own group as the root.
    groups.set(".", "memory.max", "900\n");
    EXPECT_EQ(groups.left("0::/elsewhere\n"), 900U);
    EXPECT_EQ(groups.left("0::/\n"), 900U);
    EXPECT_FALSE(groups.left(""));
    EXPECT_FALSE(groups.left("rubbish\n:\n"));
}

TEST(MemoryLimit, KnowsTheFirstVersion) {
    const Groups groups;
    groups.set("memory/job", "memory.limit_in_bytes", "800\n");
    groups.set("memory/job", "memory.usage_in_bytes", "100\n");
    groups.set("memory", "memory.limit_in_bytes", "9223372036854771712\n");  // No limit.
    EXPECT_EQ(groups.left("5:cpu:/job\n4:pids,memory:/job\n0::/\n"), 700U);
    EXPECT_FALSE(groups.left("5:cpu:/job\n"));
}

TEST(MemoryEstimate, SaysAmountsAsPeopleDo) {
    EXPECT_EQ(memory_text(0), "1 MiB");
    EXPECT_EQ(memory_text(std::size_t{120} << 20U), "120 MiB");
    EXPECT_EQ(memory_text(std::size_t{3} << 29U), "1.5 GiB");
}

TEST(MemoryEstimate, WhereNothingFitsSaysSo) {
    const ModelConfig config = some_config();
    const SmallerRequest offer = smaller_request(config, 5, {64, 64}, 1);
    EXPECT_EQ(offer.views, 0U);
    EXPECT_EQ(offer.size.width, 0);
    EXPECT_FALSE(check_memory(config, 5, {64, 64}, 1).error().hint.empty());
}

}  // namespace
}  // namespace lact
