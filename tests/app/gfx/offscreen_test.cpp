#include "tests/app/gfx/panels.h"
#include "tests/support/vulkan.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

/// Makes an offscreen display, with the validation layer where it is installed, or skips the test.
#define LACT_OFFSCREEN(name, options)                                         \
    auto made_##name = test::with_validation((options), gfx::make_offscreen); \
    if (!made_##name) {                                                       \
        LACT_NO_VULKAN(made_##name.error());                                  \
    }                                                                         \
    const std::unique_ptr<gfx::Display> name = std::move(*made_##name)

std::array<int, 3> pixel(const Image8& image, int x, int y) {
    const auto at = static_cast<std::size_t>(y * image.width + x) * 3;
    return {image.pixels[at], image.pixels[at + 1], image.pixels[at + 2]};
}

void expect_colour(const Image8& image, int x, int y, ImVec4 colour, const char* where) {
    const auto is = pixel(image, x, y);
    const std::array<float, 3> requested{colour.x, colour.y, colour.z};
    for (std::size_t c = 0; c < 3; ++c) {
        EXPECT_NEAR(is[c], std::lround(requested[c] * 255), 2)
            << where << " (" << x << ", " << y << ") channel " << c;
    }
}

/// Draws one thing over the whole window and reads it back.
Image8 drawn(gfx::Display& display, const std::function<void(PanelContext&, ImDrawList&)>& draw) {
    Shell shell(display);
    ShellHooks hooks;
    hooks.overlay = [&](PanelContext& context) { draw(context, *ImGui::GetForegroundDrawList()); };
    shell.set_hooks(std::move(hooks));
    auto shot = shell.screenshot();
    EXPECT_TRUE(shot.has_value()) << (shot ? "" : shot.error().message());
    return shot ? std::move(*shot) : Image8{};
}

class HeatMap : public testing::TestWithParam<gfx::ColourMap> {};

TEST_P(HeatMap, KnownCellsHaveTheColoursOfTheMap) {
    LACT_OFFSCREEN(display, (gfx::DisplayOptions{"", 640, 400}));
    constexpr int rows = 5;
    constexpr int columns = 8;
    std::vector<float> values;
    values.reserve(std::size_t{rows} * columns);
    for (int i = 0; i < rows * columns; ++i) {
        values.push_back(-1.3F + 2.6F * static_cast<float>(i) / (rows * columns - 1));
    }
    gfx::Texture matrix;
    ASSERT_TRUE(display->canvas().upload(matrix, values, rows, columns).has_value());
    gfx::HeatMapStyle style;
    style.map = GetParam();
    style.low = -0.5F;
    style.high = 1;
    const Image8 shot = drawn(*display, [&](PanelContext& context, ImDrawList& list) {
        context.canvas.draw_heat_map(list, matrix, {{0, 0}, {640, 400}}, style);
    });
    ASSERT_EQ(shot.width, 640);
    for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < columns; ++c) {
            const float t =
                (values.at(static_cast<std::size_t>(r) * columns + static_cast<std::size_t>(c)) + 0.5F) /
                1.5F;
            expect_colour(shot, c * 80 + 40, r * 80 + 40, gfx::colour_at(style.map, t), "cell");
        }
    }
    // The grid: a third of the way to dark grey between two cells of the lowest colour.
    const auto line = pixel(shot, 80, 40);
    const auto cell = pixel(shot, 60, 40);
    EXPECT_LT(line[0] + line[1] + line[2], cell[0] + cell[1] + cell[2] - 15);
    EXPECT_EQ(display->validation_messages(), 0) << display->first_validation_message();
}
INSTANTIATE_TEST_SUITE_P(Maps, HeatMap,
                         testing::Values(gfx::ColourMap::diverging, gfx::ColourMap::sequential));

/// The only case that is skipped without the layer: the others go on without its messages.
TEST(Offscreen, IsMadeWithTheValidationLayer) {
    gfx::DisplayOptions options;
    options.validation = true;
    const auto display = gfx::make_offscreen(options);
    if (!display) {
        LACT_NO_VULKAN(display.error());
    }
    Shell shell(**display);
    ASSERT_TRUE(shell.frame().has_value());
    EXPECT_EQ((*display)->validation_messages(), 0) << (*display)->first_validation_message();
}

TEST(Offscreen, HeatMapOfManyCellsShowsTheirMean) {
    LACT_OFFSCREEN(display, (gfx::DisplayOptions{"", 640, 400}));
    // 2560 × 1600 cells on 640 × 400 pixels: each pixel covers 4 × 4 cells, half of them 1 and half 0.
    std::vector<float> values(std::size_t{2560} * 1600);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(i % 2);
    }
    gfx::Texture matrix;
    ASSERT_TRUE(display->canvas().upload(matrix, values, 1600, 2560).has_value());
    gfx::HeatMapStyle style;
    style.grid = 0;
    const Image8 shot = drawn(*display, [&](PanelContext& context, ImDrawList& list) {
        context.canvas.draw_heat_map(list, matrix, {{0, 0}, {640, 400}}, style);
    });
    expect_colour(shot, 100, 100, gfx::colour_at(style.map, 0.75F), "mean");
}

TEST(Offscreen, HeatMapMarksWhatIsNotFinite) {
    LACT_OFFSCREEN(display, (gfx::DisplayOptions{"", 640, 400}));
    const std::vector<float> values{std::numeric_limits<float>::quiet_NaN(), 0,
                                    std::numeric_limits<float>::infinity(), 1};
    gfx::Texture matrix;
    ASSERT_TRUE(display->canvas().upload(matrix, values, 2, 2).has_value());
    const Image8 shot = drawn(*display, [&](PanelContext& context, ImDrawList& list) {
        context.canvas.draw_heat_map(list, matrix, {{0, 0}, {640, 400}}, {});
    });
    expect_colour(shot, 160, 100, {0.85F, 0, 0.85F, 1}, "NaN");
    expect_colour(shot, 160, 300, {0.85F, 0, 0.85F, 1}, "infinity");
    expect_colour(shot, 480, 100, gfx::colour_at(gfx::ColourMap::diverging, 0.5F), "0");
}

TEST(Offscreen, PartOfAMatrixAndClipping) {
    LACT_OFFSCREEN(display, (gfx::DisplayOptions{"", 640, 400}));
    std::vector<float> values(16);
    values[5] = 1;  // Row 1, column 1.
    gfx::Texture matrix;
    ASSERT_TRUE(display->canvas().upload(matrix, values, 4, 4).has_value());
    gfx::HeatMapStyle style;
    style.grid = 0;
    const Image8 shot = drawn(*display, [&](PanelContext& context, ImDrawList& list) {
        list.AddRectFilled({0, 0}, {640, 400}, IM_COL32(10, 20, 30, 255));
        list.PushClipRect({0, 0}, {100, 400});
        context.canvas.draw_heat_map(list, matrix, {{0, 0}, {200, 200}}, style, {1, 1, 1, 1});
        list.PopClipRect();
        list.AddRectFilled({300, 0}, {400, 50}, IM_COL32(1, 2, 3, 255));  // ImGui's state is back.
    });
    expect_colour(shot, 50, 50, gfx::colour_at(style.map, 1), "the only cell shown");
    EXPECT_EQ(pixel(shot, 150, 50), (std::array<int, 3>{10, 20, 30}));
    EXPECT_EQ(pixel(shot, 350, 25), (std::array<int, 3>{1, 2, 3}));
    EXPECT_EQ(pixel(shot, 350, 100), (std::array<int, 3>{10, 20, 30}));
}

TEST(Offscreen, NearestImageKeepsItsPixels) {
    LACT_OFFSCREEN(display, (gfx::DisplayOptions{"", 640, 400}));
    const Image8 image = test::ramp_image(64, 40);
    gfx::Texture texture;
    ASSERT_TRUE(display->canvas().upload(texture, image).has_value());
    for (const gfx::Filter filter : {gfx::Filter::nearest, gfx::Filter::bicubic}) {
        const Image8 shot = drawn(*display, [&](PanelContext& context, ImDrawList& list) {
            // One screen pixel a pixel: both filters must show them as they are.
            context.canvas.draw_image(list, texture, {{5, 7}, {69, 47}}, filter);
        });
        for (int y = 0; y < image.height; ++y) {
            for (int x = 0; x < image.width; ++x) {
                ASSERT_EQ(pixel(shot, x + 5, y + 7), pixel(image, x, y)) << x << ", " << y;
            }
        }
    }
}

TEST(Offscreen, BicubicIsSmoothBetweenPixels) {
    LACT_OFFSCREEN(display, (gfx::DisplayOptions{"", 640, 400}));
    Image8 image{4, 4, 3, std::vector<std::uint8_t>(48, 0)};
    for (std::size_t i = 0; i < 16; ++i) {
        image.pixels[i * 3] = i % 4 < 2 ? 0 : 200;
    }
    gfx::Texture texture;
    ASSERT_TRUE(display->canvas().upload(texture, image).has_value());
    std::array<std::set<int>, 2> levels;
    for (const gfx::Filter filter : {gfx::Filter::nearest, gfx::Filter::bicubic}) {
        const Image8 shot = drawn(*display, [&](PanelContext& context, ImDrawList& list) {
            context.canvas.draw_image(list, texture, {{0, 0}, {400, 400}}, filter);
        });
        for (int x = 0; x < 400; ++x) {
            levels.at(filter == gfx::Filter::nearest ? 0 : 1).insert(pixel(shot, x, 200)[0]);
        }
    }
    EXPECT_EQ(levels[0], (std::set<int>{0, 200}));
    EXPECT_GT(levels[1].size(), 20U);
    EXPECT_TRUE(levels[1].contains(100) || levels[1].contains(99) || levels[1].contains(101));
}

TEST(Offscreen, UpdatesReplacesAndFreesTextures) {
    LACT_OFFSCREEN(display, (gfx::DisplayOptions{"", 640, 400}));
    gfx::Texture texture;
    for (int frame = 0; frame < 12; ++frame) {
        const int side = frame < 6 ? 8 : 8 + frame;
        const auto level = static_cast<std::uint8_t>(frame * 20);
        const Image8 grey{side, side, 4,
                          std::vector<std::uint8_t>(static_cast<std::size_t>(side * side) * 4, level)};
        Image8 opaque = grey;
        for (std::size_t i = 3; i < opaque.pixels.size(); i += 4) {
            opaque.pixels[i] = 255;
        }
        ASSERT_TRUE(display->canvas().upload(texture, opaque).has_value());
        const Image8 shot = drawn(*display, [&](PanelContext&, ImDrawList& list) {
            list.AddImage(texture.id(), {0, 0}, {100, 100});
            gfx::Texture brief;
            EXPECT_TRUE(display->canvas().upload(brief, test::ramp_image(3, 3)).has_value());
            list.AddImage(brief.id(), {0, 200}, {100, 300});
        });
        EXPECT_EQ(pixel(shot, 50, 50), (std::array<int, 3>{level, level, level}));
    }
    EXPECT_EQ(display->canvas().textures(), 1);
    EXPECT_EQ(display->validation_messages(), 0) << display->first_validation_message();
}

TEST(Offscreen, TooLargeATextureIsRefusedAndTheOldOneStays) {
    LACT_OFFSCREEN(display, (gfx::DisplayOptions{"", 640, 400}));
    gfx::Texture texture;
    ASSERT_TRUE(display->canvas().upload(texture, test::ramp_image(8, 8)).has_value());
    const std::vector<float> row(200000);
    const auto refused = display->canvas().upload(texture, row, 1, 200000);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().what.find("200000"), std::string::npos) << refused.error().what;
    EXPECT_EQ(texture.width(), 8);
}

/// Images of the sample window for a user to look at, where LACT_SHOTS_DIR names a folder.
TEST(Offscreen, WholeWindowAtUsualSizes) {
    struct Case {
        const char* name;
        int width;
        int height;
        float scale;
        Theme theme;
    };
    for (const Case& c : {Case{"dark_1280x800", 1280, 800, 1, Theme::dark},
                          Case{"light_1280x800", 1280, 800, 1, Theme::light},
                          Case{"dark_1920x1080", 1920, 1080, 1, Theme::dark},
                          Case{"light_2560x1600_2x", 2560, 1600, 2, Theme::light}}) {
        LACT_OFFSCREEN(display, (gfx::DisplayOptions{"", c.width, c.height, c.scale}));
        Shell shell(*display, {c.theme, 1.0F, ""});
        const auto sample = std::make_shared<test::Sample>();
        test::add_sample_panels(shell, sample);
        const auto shot = shell.screenshot();
        ASSERT_TRUE(shot.has_value()) << shot.error().message();
        EXPECT_EQ(shot->width, c.width);
        EXPECT_EQ(shot->height, c.height);
        const std::set<std::uint8_t> levels(shot->pixels.begin(), shot->pixels.end());
        EXPECT_GT(levels.size(), 100U) << c.name;
        EXPECT_EQ(display->validation_messages(), 0) << display->first_validation_message();
        // The same again: images repeat.
        const auto again = shell.screenshot();
        ASSERT_TRUE(again.has_value());
        EXPECT_EQ(again->pixels, shot->pixels) << c.name;
        if (const char* folder = std::getenv("LACT_SHOTS_DIR"); folder != nullptr) {
            const std::string path = std::string(folder) + "/" + c.name;
            ASSERT_TRUE(shell.save_screenshot(path + ".png").has_value());
            shell.show_panel("Status");
            ASSERT_TRUE(shell.save_screenshot(path + "_status.png").has_value());
        }
    }
}

}  // namespace

}  // namespace lact::app
