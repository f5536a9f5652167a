#include "app/gfx/display.h"
#include "app/ui/shell.h"
#include "engine/procedural/draw.h"
#include "engine/procedural/generated_views.h"
#include "engine/procedural/world_buffer.h"
#include "tests/support/vulkan.h"

#include <cmath>
#include <cstdlib>
#include <cstring>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

constexpr int side = 64;
constexpr int columns = 10;  // Images in a row of the window.

Result<std::unique_ptr<gfx::Display>> display_for_images() {
    gfx::DisplayOptions options;
    options.width = columns * side;
    options.height = 400;
    return test::with_validation(options, gfx::make_offscreen);
}

struct Drawn {
    std::uint64_t seed = 0;
    Camera camera;
    Image8 ground_truth;  ///< Of the processor.
    gfx::Texture texture;
};

Drawn drawn_by_processor(const ViewGenerator& generator, std::uint64_t seed, int view) {
    Drawn drawn;
    drawn.seed = seed;
    drawn.camera = generator.camera(view);
    drawn.ground_truth = {side, side, 3, std::vector<std::uint8_t>(std::size_t{side} * side * 3)};
    draw_world(generator.world(), drawn.camera, side, drawn.ground_truth.pixels, {});
    return drawn;
}

/// PSNR in dB of an image within a screenshot; 99 where they are equal.
double agreement(const Image8& ground_truth, const Image8& shot, int left, int top) {
    double sum = 0;
    for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side * 3; ++x) {
            const auto a = ground_truth.pixels[static_cast<std::size_t>(y * side * 3 + x)];
            const auto b = shot.pixels[static_cast<std::size_t>((top + y) * shot.width * 3 + left * 3 + x)];
            sum += (a - b) * (a - b);
        }
    }
    const double mean = sum / (side * side * 3);
    return mean > 0 ? 10 * std::log10(255.0 * 255.0 / mean) : 99;
}

/// All images beside each other, pixel by pixel.
Image8 screenshot(gfx::Display& display, const std::vector<Drawn>& images) {
    Shell shell(display);
    ShellHooks hooks;
    hooks.overlay = [&](PanelContext& context) {
        for (std::size_t i = 0; i < images.size(); ++i) {
            const ImVec2 corner{static_cast<float>(i % columns * side),
                                static_cast<float>(i / columns * side)};
            context.canvas.draw_image(*ImGui::GetForegroundDrawList(), images[i].texture,
                                      {corner, {corner.x + side, corner.y + side}}, gfx::Filter::nearest);
        }
    };
    shell.set_hooks(std::move(hooks));
    auto shot = shell.screenshot();
    EXPECT_TRUE(shot.has_value()) << (shot ? "" : shot.error().message());
    return shot ? std::move(*shot) : Image8{};
}

TEST(WorldImage, TheGpuDrawsWhatTheProcessorDraws) {
    const auto made = display_for_images();
    if (!made) {
        LACT_NO_VULKAN(made.error());
    }
    gfx::Display* const display = made->get();
    std::vector<Drawn> images;
    std::vector<std::uint64_t> seeds{200000234, 200000017};  // With faces that coincide.
    for (std::uint64_t seed = 91000000; seed < 91000023; ++seed) {
        seeds.push_back(seed);
    }
    for (const std::uint64_t seed : seeds) {
        const ViewGenerator generator(general_family(), seed, side);
        const auto world = std::make_shared<const PackedWorld>(pack_world(generator.world()));
        for (const int view : {3, 6}) {
            Drawn drawn = drawn_by_processor(generator, seed, view);
            const auto done = display->canvas().draw_world(drawn.texture, world, drawn.camera);
            ASSERT_TRUE(done.has_value()) << done.error().message();
            images.push_back(std::move(drawn));
        }
    }
    const Image8 shot = screenshot(*display, images);
    ASSERT_EQ(shot.width, columns * side);
    double worst = 99;
    for (std::size_t i = 0; i < images.size(); ++i) {
        const int left = static_cast<int>(i % columns) * side;
        const int top = static_cast<int>(i / columns) * side;
        const double psnr = agreement(images[i].ground_truth, shot, left, top);
        std::printf("world %llu, view %d: %.1f dB\n", static_cast<unsigned long long>(images[i].seed),
                    i % 2 == 0 ? 3 : 6, psnr);
        EXPECT_GE(psnr, 40) << "world " << images[i].seed;
        worst = std::min(worst, psnr);
    }
    std::printf("worst: %.1f dB\n", worst);
    EXPECT_EQ(display->validation_messages(), 0) << display->first_validation_message();
}

TEST(WorldImage, FollowsTheCameraAndGivesWayToUploads) {
    const auto made = display_for_images();
    if (!made) {
        LACT_NO_VULKAN(made.error());
    }
    gfx::Display* const display = made->get();
    const ViewGenerator generator(general_family(), 91000003, side);
    const auto world = std::make_shared<const PackedWorld>(pack_world(generator.world()));
    std::vector<Drawn> images(1);
    gfx::Canvas& canvas = display->canvas();
    for (int view = 0; view < 4; ++view) {
        gfx::Texture texture = std::move(images[0].texture);
        images[0] = drawn_by_processor(generator, 91000003, view);
        images[0].texture = std::move(texture);
        // What was asked for first is replaced before it is drawn.
        ASSERT_TRUE(
            canvas
                .upload(images[0].texture,
                        Image8{side, side, 3, std::vector<std::uint8_t>(std::size_t{side} * side * 3, 7)})
                .has_value());
        ASSERT_TRUE(canvas.draw_world(images[0].texture, world, images[0].camera).has_value());
        EXPECT_GE(agreement(images[0].ground_truth, screenshot(*display, images), 0, 0), 40) << view;
    }
    Image8 grey{side, side, 3, std::vector<std::uint8_t>(std::size_t{side} * side * 3, 90)};
    ASSERT_TRUE(canvas.draw_world(images[0].texture, world, images[0].camera).has_value());
    ASSERT_TRUE(canvas.upload(images[0].texture, grey).has_value());
    EXPECT_EQ(agreement(grey, screenshot(*display, images), 0, 0), 99);
    EXPECT_EQ(canvas.textures(), 1);
    EXPECT_EQ(display->validation_messages(), 0) << display->first_validation_message();
}

TEST(WorldImage, RefusesWhatItCannotDraw) {
    const auto display = gfx::make_null({});
    gfx::Texture texture;
    EXPECT_FALSE(display->canvas().draw_world(texture, nullptr, Camera{}).has_value());
    const auto world = std::make_shared<const PackedWorld>(pack_world(World{}));
    const auto refused = display->canvas().draw_world(texture, world, Camera{});
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().what.find("0 × 0"), std::string::npos) << refused.error().what;
    EXPECT_FALSE(texture);
}

}  // namespace

}  // namespace lact::app
