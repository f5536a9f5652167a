#include "tests/app/gfx/panels.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

int sum(const std::vector<int>& counts) {
    int total = 0;
    for (int count : counts) {
        total += count;
    }
    return total;
}

TEST(NullDisplay, OpensEveryPanel) {
    const auto display = gfx::make_null({});
    Shell shell(*display);
    const auto sample = std::make_shared<test::Sample>();
    test::add_sample_panels(shell, sample);
    for (const Panel& panel : std::vector<Panel>(shell.panels())) {
        ASSERT_TRUE(shell.show_panel(panel.title));
        for (int i = 0; i < 4; ++i) {
            ASSERT_TRUE(shell.frame().has_value());
        }
    }
    for (std::size_t i = 0; i < sample->drawn.size(); ++i) {
        EXPECT_GT(sample->drawn[i], 0) << shell.panels()[i].title;
    }
    EXPECT_FALSE(shell.show_panel("No such panel"));
}

TEST(NullDisplay, ClosedPanelsAreNotDrawn) {
    const auto display = gfx::make_null({});
    Shell shell(*display);
    const auto sample = std::make_shared<test::Sample>();
    test::add_sample_panels(shell, sample);
    for (const Panel& panel : std::vector<Panel>(shell.panels())) {
        shell.show_panel(panel.title, false);
    }
    ASSERT_TRUE(shell.frame().has_value());
    EXPECT_EQ(sum(sample->drawn), 0);
}

TEST(NullDisplay, NoFrameWhileNothingHappensAndOneAfterAWake) {
    const auto display = gfx::make_null({});
    Shell shell(*display);
    for (int i = 0; i < 40; ++i) {
        ASSERT_TRUE(shell.step(0.05).has_value());
    }
    const auto before = shell.frames();
    EXPECT_GT(before, 0U);
    for (int i = 0; i < 3; ++i) {
        const auto drew = shell.step(0.1);
        ASSERT_TRUE(drew.has_value());
        EXPECT_FALSE(*drew);
    }
    EXPECT_EQ(shell.frames(), before);
    std::thread other([&] { shell.wake(); });
    const auto drew = shell.step(std::nullopt);
    other.join();
    ASSERT_TRUE(drew.has_value());
    EXPECT_TRUE(*drew);
    EXPECT_EQ(shell.frames(), before + 1);
}

TEST(NullDisplay, TexturesAreFreedAndMayOutliveTheCanvas) {
    gfx::Texture survivor;
    {
        const auto display = gfx::make_null({});
        {
            gfx::Texture one;
            ASSERT_TRUE(display->canvas().upload(one, test::ramp_image(8, 4)).has_value());
            EXPECT_EQ(display->canvas().textures(), 1);
            EXPECT_EQ(one.width(), 8);
            EXPECT_NE(one.id(), 0U);
        }
        EXPECT_EQ(display->canvas().textures(), 0);
        ASSERT_TRUE(display->canvas().upload(survivor, test::wave_matrix(3, 5), 3, 5).has_value());
        EXPECT_EQ(survivor.height(), 3);
        EXPECT_EQ(survivor.id(), 0U);
    }
    survivor = gfx::Texture();
}

TEST(NullDisplay, RefusesTexturesThatDoNotFit) {
    const auto display = gfx::make_null({});
    gfx::Texture texture;
    const auto image = display->canvas().upload(texture, Image8{4, 4, 3, std::vector<std::uint8_t>(47)});
    ASSERT_FALSE(image.has_value());
    EXPECT_NE(image.error().what.find("47"), std::string::npos);
    EXPECT_FALSE(display->canvas().upload(texture, std::vector<float>(5), 2, 3).has_value());
    EXPECT_FALSE(bool(texture));
}

TEST(NullDisplay, LayoutComesBack) {
    std::string stored;
    {
        const auto display = gfx::make_null({});
        Shell shell(*display);
        test::add_sample_panels(shell, std::make_shared<test::Sample>());
        ASSERT_TRUE(shell.frame().has_value());
        ASSERT_TRUE(shell.frame().has_value());
        stored = shell.layout();
    }
    EXPECT_NE(stored.find("Viewport"), std::string::npos);
    const auto display = gfx::make_null({});
    Shell shell(*display, {Theme::light, 1.0F, stored});
    test::add_sample_panels(shell, std::make_shared<test::Sample>());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(shell.frame().has_value());
    }
    EXPECT_EQ(shell.layout(), stored);
}

TEST(NullDisplay, PanelsThatWereClosedStayClosed) {
    const auto is_open = [](const Shell& shell, std::string_view title) {
        return std::ranges::find(shell.panels(), title, &Panel::title)->open;
    };
    std::string stored;
    std::string closed;
    {
        const auto display = gfx::make_null({});
        Shell shell(*display);
        test::add_sample_panels(shell, std::make_shared<test::Sample>());
        ASSERT_TRUE(shell.frame().has_value());
        closed = shell.panels().back().title;
        ASSERT_TRUE(shell.show_panel(closed, false));
        ASSERT_TRUE(shell.frame().has_value());
        stored = shell.layout();
        EXPECT_FALSE(is_open(shell, closed));
        ASSERT_TRUE(shell.show_panel(closed));
        ASSERT_TRUE(shell.set_layout(stored));
        EXPECT_FALSE(is_open(shell, closed)) << "of a session";
        shell.reset_layout();
        EXPECT_TRUE(is_open(shell, closed));
    }
    const auto display = gfx::make_null({});
    Shell shell(*display, {Theme::dark, 1.0F, stored});
    test::add_sample_panels(shell, std::make_shared<test::Sample>());
    EXPECT_FALSE(is_open(shell, closed)) << "of the settings";
    EXPECT_TRUE(is_open(shell, shell.panels().front().title));
}

TEST(NullDisplay, HostileLayoutsChangeNothing) {
    const auto display = gfx::make_null({});
    Shell shell(*display);
    test::add_sample_panels(shell, std::make_shared<test::Sample>());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(shell.frame().has_value());
    }
    const std::string before = shell.layout();
    // Dear ImGui would look for the root of this dock forever.
    EXPECT_FALSE(shell.set_layout("[Docking][Data]\nDockNode ID=0x00000001 Parent=0x00000001\n"));
    ASSERT_TRUE(shell.frame().has_value());
    EXPECT_EQ(shell.layout(), before);
    // A window in a dock that does not exist was a null pointer.
    const std::string title = window_name(shell.panels().front());
    EXPECT_TRUE(shell.set_layout("[Window][" + title + "]\nDockId=0x00001234,0\n"));
    ASSERT_TRUE(shell.frame().has_value());
    ASSERT_TRUE(shell.frame().has_value());
}

TEST(NullDisplay, AHostileLayoutOfTheSettingsIsTheUsualOne) {
    const auto display = gfx::make_null({});
    Shell shell(*display,
                {Theme::light, 1.0F, "[Docking][Data]\nDockNode ID=0x00000001 Parent=0x00000001\n"});
    test::add_sample_panels(shell, std::make_shared<test::Sample>());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(shell.frame().has_value());
    }
    EXPECT_TRUE(shell.panels().front().seen);
}

TEST(NullDisplay, HasNoScreenshotAndSaysSo) {
    const auto display = gfx::make_null({});
    Shell shell(*display);
    const auto shot = shell.screenshot();
    ASSERT_FALSE(shot.has_value());
    EXPECT_NE(shot.error().message().find("null display"), std::string::npos);
}

}  // namespace

}  // namespace lact::app
