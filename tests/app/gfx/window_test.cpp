#include "tests/app/gfx/panels.h"
#include "tests/app/gfx/x_server.h"
#include "tests/support/environment.h"
#include "tests/support/vulkan.h"

#include <algorithm>
#include <array>
#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

/// A real window on an X server of the suite, with the validation layer.
class Window : public testing::Test {
  protected:
    static void SetUpTestSuite() { server_ = gfx::test::XServer::start(); }
    static void TearDownTestSuite() { server_.reset(); }
    void SetUp() override {
        if (!server_) {
            GTEST_SKIP() << "no Xvfb here";
        }
        auto opened = test::with_validation({}, gfx::open_window);
        if (!opened) {
            LACT_NO_VULKAN(opened.error());
        }
        display_ = std::move(*opened);
    }
    void expect_no_messages() const {
        EXPECT_EQ(display_->validation_messages(), 0) << display_->first_validation_message();
    }

    static inline std::unique_ptr<gfx::test::XServer> server_;
    std::unique_ptr<gfx::Display> display_;
};

TEST_F(Window, OpensAndShowsWhatTheOffscreenDisplayShows) {
    Image8 window;
    {
        Shell shell(*display_);
        test::add_sample_panels(shell, std::make_shared<test::Sample>());
        auto shot = shell.screenshot();
        ASSERT_TRUE(shot.has_value()) << shot.error().message();
        window = std::move(*shot);
        expect_no_messages();
    }
    display_.reset();
    gfx::DisplayOptions options;
    options.width = window.width;
    options.height = window.height;
    const auto offscreen = gfx::make_offscreen(options);
    ASSERT_TRUE(offscreen.has_value()) << offscreen.error().message();
    Shell shell(**offscreen);
    test::add_sample_panels(shell, std::make_shared<test::Sample>());
    const auto shot = shell.screenshot();
    ASSERT_TRUE(shot.has_value());
    ASSERT_EQ(shot->pixels.size(), window.pixels.size());
    std::size_t different = 0;
    std::array<int, 4> box{window.width, window.height, 0, 0};
    for (std::size_t i = 0; i < window.pixels.size(); ++i) {
        if (window.pixels[i] != shot->pixels[i]) {
            ++different;
            const int x = static_cast<int>(i / 3) % window.width;
            const int y = static_cast<int>(i / 3) / window.width;
            box = {std::min(box[0], x), std::min(box[1], y), std::max(box[2], x), std::max(box[3], y)};
        }
    }
    EXPECT_EQ(different, 0U) << "from " << box[0] << ", " << box[1] << " to " << box[2] << ", " << box[3];
}

TEST_F(Window, SurvivesAHundredSizesAndThemes) {
    const auto sample = std::make_shared<test::Sample>();
    Shell shell(*display_);
    test::add_sample_panels(shell, sample);
    ASSERT_TRUE(shell.frame().has_value());
    std::set<std::pair<int, int>> sizes;
    for (int i = 0; i < 100; ++i) {
        display_->resize(700 + (i * 37) % 600, 450 + (i * 53) % 400);
        if (i % 10 == 5) {
            shell.set_theme(shell.theme() == Theme::dark ? Theme::light : Theme::dark);
            shell.set_user_scale(i % 20 == 5 ? 1.5F : 1.0F);
            ASSERT_TRUE(display_->canvas().upload(sample->image, test::ramp_image(16 + i, 16)).has_value());
        }
        if (i % 25 == 24) {
            shell.reset_layout();
        }
        const auto drew = shell.step(0.01);
        ASSERT_TRUE(drew.has_value()) << drew.error().message();
        const auto framed = shell.frame();
        ASSERT_TRUE(framed.has_value()) << framed.error().message();
        const ImVec2 size = ImGui::GetIO().DisplaySize;
        sizes.insert({static_cast<int>(size.x), static_cast<int>(size.y)});
    }
    EXPECT_GT(sizes.size(), 50U);
    expect_no_messages();
}

TEST_F(Window, IsNeverLargerThanTheScreen) {
    Shell shell(*display_);
    test::add_sample_panels(shell, std::make_shared<test::Sample>());
    ASSERT_TRUE(shell.frame().has_value());
    display_->resize(5000, 4000);  // As remembered of a larger screen.
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(shell.step(0.02).has_value());
    }
    EXPECT_GT(display_->size()[0], 1300) << "the size was changed";
    EXPECT_LE(display_->size()[0], 2000);
    EXPECT_LE(display_->size()[1], 1300);
    expect_no_messages();
}

TEST_F(Window, DrawsNothingWhileNothingHappens) {
    Shell shell(*display_);
    test::add_sample_panels(shell, std::make_shared<test::Sample>());
    for (int i = 0; i < 40; ++i) {
        ASSERT_TRUE(shell.step(0.05).has_value());
    }
    const auto before = shell.frames();
    EXPECT_GE(before, 3U);
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(shell.step(0.1).has_value());
    }
    EXPECT_EQ(shell.frames(), before);

    std::thread other([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        shell.wake();
    });
    const auto drew = shell.step(std::nullopt);
    other.join();
    ASSERT_TRUE(drew.has_value());
    EXPECT_EQ(shell.frames(), before + 1);
    expect_no_messages();
}

TEST_F(Window, ClosesWhenAskedAndMayRefuseOnce) {
    Shell shell(*display_);
    test::add_sample_panels(shell, std::make_shared<test::Sample>());
    int asked = 0;
    int frames = 0;
    ShellHooks hooks;
    hooks.before_frame = [&] {
        if (++frames > 5) {
            shell.close();
        }
        shell.wake();
    };
    hooks.may_close = [&] { return ++asked == 2; };
    shell.set_hooks(std::move(hooks));
    while (!shell.closing()) {
        const auto drew = shell.step(std::nullopt);
        ASSERT_TRUE(drew.has_value()) << drew.error().message();
    }
    EXPECT_EQ(asked, 2);
    expect_no_messages();
}

TEST(WindowErrors, WithoutADisplayOneSentenceSaysSo) {
    const auto open_on = [](const char* server) {
        const lact::test::Environment display("DISPLAY", server);
        return gfx::open_window({});
    };
    const auto none = open_on(nullptr);
    const auto wrong = open_on(":4711");
    ASSERT_FALSE(none.has_value());
    EXPECT_NE(none.error().message().find("DISPLAY is not set"), std::string::npos) << none.error().message();
    ASSERT_FALSE(wrong.has_value());
    EXPECT_NE(wrong.error().message().find("display :4711 cannot be opened"), std::string::npos)
        << wrong.error().message();
    EXPECT_EQ(wrong.error().message().find("65544"), std::string::npos);
}

TEST(WindowErrors, WithoutAVulkanDeviceOneSentenceSaysSo) {
    const lact::test::Environment drivers("VK_ICD_FILENAMES", "/nonexistent/icd.json");
    const auto display = gfx::make_offscreen({});
    ASSERT_FALSE(display.has_value());
    EXPECT_FALSE(display.error().hint.empty());
    EXPECT_NE(display.error().message().find("Vulkan"), std::string::npos) << display.error().message();
}

}  // namespace

}  // namespace lact::app
