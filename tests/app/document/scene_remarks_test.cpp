#include "app/document/scene_remarks.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

SceneSummary scene_with(std::vector<SceneRemark> remarks, std::uint64_t sequence) {
    SceneSummary scene;
    scene.sequence = sequence;
    scene.remarks = std::move(remarks);
    for (const char* name : {"a.png", "b.png", "front.png", "front.png"}) {
        ViewSummary view;
        view.index = scene.views.size();
        view.name = name;
        scene.views.push_back(view);
    }
    return scene;
}

const SceneRemark missing{RemarkKind::left_out, "c.png", "The photo c.png is missing."};
const SceneRemark turned{RemarkKind::corrected, "images/b.png", "The photo is turned upright."};
const SceneRemark outside{RemarkKind::training, "", "The weights were trained on other sizes."};

TEST(SceneRemarks, StayDismissedUntilTheSceneIsOpenedAgain) {
    RemarksView view;
    const SceneSummary scene = scene_with({missing, turned}, 7);
    EXPECT_EQ(view.shown(scene), scene.remarks);
    view.dismiss(scene);
    EXPECT_TRUE(view.shown(scene).empty());
    EXPECT_EQ(view.shown(scene_with({missing, turned}, 8)), scene.remarks);
}

TEST(SceneRemarks, ThatComeLaterAreShownAlthoughEarlierOnesAreDismissed) {
    RemarksView view;
    view.dismiss(scene_with({missing}, 7));
    EXPECT_EQ(view.shown(scene_with({missing, outside}, 7)), std::vector{outside});
}

TEST(SceneRemarks, NameTheViewThatTheyAreAbout) {
    const SceneSummary scene = scene_with({}, 1);
    EXPECT_EQ(view_of(turned, scene), 1U);  // By its file name.
    EXPECT_EQ(view_of({RemarkKind::lens, "a.png", ""}, scene), 0U);
    EXPECT_FALSE(view_of(missing, scene).has_value());  // It is not in the scene.
    EXPECT_FALSE(view_of(outside, scene).has_value());
    EXPECT_FALSE(
        view_of({RemarkKind::mask, "left/front.png", ""}, scene).has_value());  // Two have that name.
}

TEST(SceneRemarks, AreCountedInTheirTitle) {
    EXPECT_EQ(remarks_title(1), "1 remark on this scene");
    EXPECT_EQ(remarks_title(3), "3 remarks on this scene");
}

TEST(SceneRemarks, AreListedWithKindAndView) {
    const nlohmann::json json = remarks_to_json(std::vector{missing, turned, outside});
    ASSERT_EQ(json.size(), 3U);
    EXPECT_EQ(json[0], nlohmann::json({{"kind", "left-out"}, {"view", "c.png"}, {"text", missing.text}}));
    const std::string text = remarks_text(json);
    EXPECT_NE(text.find("left-out"), std::string::npos);
    EXPECT_NE(text.find("images/b.png: The photo is turned upright.\n"), std::string::npos);
    EXPECT_EQ(text.find("c.png: The photo c.png"), std::string::npos);  // Not named twice.
    EXPECT_EQ(std::ranges::count(text, '\n'), 3);
}

}  // namespace

}  // namespace lact::app
