// The images and cameras of generated worlds.
#include "engine/procedural/generated_views.h"

#include "engine/core/parallel.h"
#include "engine/procedural/write_scene.h"
#include "engine/scene/normalize.h"
#include "engine/scene/scene_files.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace lact {
namespace {

constexpr double degrees = 180 / M_PI;

/// The images of some seeds, one row a seed.
Image8 sheet_of(const WorldFamily& family, std::initializer_list<std::uint64_t> seeds, int views, int size) {
    Image8 sheet{views * size, static_cast<int>(seeds.size()) * size, 3, {}};
    for (const std::uint64_t seed : seeds) {
        const GeneratedViews made = generate_views(family, seed, views, size);
        const auto line = static_cast<std::ptrdiff_t>(size) * 3;
        for (std::ptrdiff_t y = 0; y < size; ++y) {
            for (std::ptrdiff_t view = 0; view < views; ++view) {
                const auto from = made.rgb.begin() + (view * size + y) * line;
                sheet.pixels.insert(sheet.pixels.end(), from, from + line);
            }
        }
    }
    return sheet;
}

/// Images may differ by one level from machine to machine, and by more in one value of a thousand.
void expect_like_stored(const Image8& made, const std::string& name) {
    const std::string path = LACT_TESTS_DIR "/engine/procedural/" + name;
    if (std::getenv("LACT_WRITE_REFERENCE") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
        const auto png = encode_png(made);
        ASSERT_TRUE(png);
        std::ofstream(path, std::ios::binary) << *png;
    }
    const auto stored = load_image(path);
    ASSERT_TRUE(stored) << stored.error().message();
    ASSERT_EQ(stored->pixels.size(), made.pixels.size());
    std::size_t off = 0;
    for (std::size_t i = 0; i < made.pixels.size(); ++i) {
        off += std::abs(int{made.pixels[i]} - int{stored->pixels[i]}) > 1 ? 1U : 0U;
    }
    EXPECT_LE(off, made.pixels.size() / 1000) << name;
}

TEST(GeneratedViews, ImagesAreTheStoredOnes) {
    expect_like_stored(sheet_of(general_family(), {90'500'000, 90'500'004, 90'500'021}, 5, 48),
                       "objects.png");
    expect_like_stored(sheet_of(scenes_family(), {90'600'000, 90'600'004, 90'600'021}, 5, 48), "scenes.png");
}

TEST(GeneratedViews, MoreViewsGoOnWhereFewerEnded) {
    for (const WorldFamily* const family : built_in_families()) {
        const GeneratedViews few = generate_views(*family, 12, 2, 32);
        const GeneratedViews many = generate_views(*family, 12, 5, 32);
        EXPECT_TRUE(std::equal(few.rgb.begin(), few.rgb.end(), many.rgb.begin()));
        EXPECT_TRUE(std::equal(few.mask.begin(), few.mask.end(), many.mask.begin()));
        for (std::size_t i = 0; i < few.cameras.size(); ++i) {
            EXPECT_EQ(few.cameras[i].c2w, many.cameras[i].c2w);
        }
    }
}

TEST(GeneratedViews, ManyThreadsMakeWhatOneMakes) {
    std::vector<GeneratedViews> together(24);
    parallel_for(
        together.size(),
        [&](std::size_t i) {
            together[i] = generate_views(i % 3 == 0 ? scenes_family() : general_family(), i, 2, 24);
        },
        8);
    for (std::size_t i = 0; i < together.size(); ++i) {
        const auto alone = generate_views(i % 3 == 0 ? scenes_family() : general_family(), i, 2, 24);
        EXPECT_EQ(together[i].rgb, alone.rgb) << i;
        EXPECT_EQ(together[i].mask, alone.mask) << i;
    }
}

TEST(GeneratedViews, TheMaskAgreesWithTheImage) {
    std::size_t colored = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const GeneratedViews made = generate_views(general_family(), seed, 2, 40);
        ASSERT_EQ(made.mask.size() * 3, made.rgb.size());
        for (std::size_t i = 0; i < made.mask.size(); ++i) {
            const int darkest = std::min({made.rgb[3 * i], made.rgb[3 * i + 1], made.rgb[3 * i + 2]});
            if (made.mask[i] == 0) {
                ASSERT_EQ(darkest, 255) << seed;
            } else {  // A pixel that the object covers by a half is at most half the way to black.
                ASSERT_GE(darkest, 255 - made.mask[i] - 1) << seed;
                colored += darkest < 250 ? 1U : 0U;
            }
        }
    }
    EXPECT_GT(colored, 10000U);
}

/// Share of the image that the object covers.
double coverage(const GeneratedViews& made, std::size_t view) {
    const auto pixels = static_cast<std::size_t>(made.size) * static_cast<std::size_t>(made.size);
    double sum = 0;
    for (std::size_t i = view * pixels; i < (view + 1) * pixels; ++i) {
        sum += made.mask[i] / 255.0;
    }
    return sum / static_cast<double>(pixels);
}

TEST(GeneratedViews, ObjectsAreSeenAndMostlyWithinTheImage) {
    constexpr int views = 4;
    double total = 0;
    int thin = 0;
    int count = 0;
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        const GeneratedViews made = generate_views(general_family(), seed, views, 32);
        for (std::size_t view = 0; view < views; ++view) {
            const double share = coverage(made, view);
            EXPECT_GT(share, 0.001) << seed << " view " << view;
            total += share;
            thin += share < 0.02 ? 1 : 0;
            ++count;
        }
    }
    EXPECT_GT(total / count, 0.15);
    EXPECT_LT(total / count, 0.4);
    EXPECT_LT(thin, count / 20);
}

TEST(GeneratedViews, ObjectCamerasStandWhereCapturesHaveThem) {
    int alike = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const auto cameras = generate_views(general_family(), seed, 6, 8).cameras;
        bool same = true;
        for (const Camera& camera : cameras) {
            const double radius = camera.position().norm();
            const double view = 2 * std::atan(0.5 * camera.width / camera.fx) * degrees;
            const double elevation = std::asin(camera.position().z() / radius) * degrees;
            EXPECT_TRUE(radius > 1.4 && radius < 4.05) << radius;
            EXPECT_TRUE(view > 27 && view < 65) << view;
            EXPECT_TRUE(elevation > -10.1 && elevation < 80.1) << elevation;
            EXPECT_GT(camera.forward().dot(-camera.position().normalized()), 0.97);
            EXPECT_NEAR(camera.c2w(2, 0), 0, 0.15);  // The horizon is nearly level.
            EXPECT_NEAR((camera.c2w.topLeftCorner<3, 3>().transpose() * camera.c2w.topLeftCorner<3, 3>() -
                         Eigen::Matrix3d::Identity())
                            .cwiseAbs()
                            .maxCoeff(),
                        0, 1e-5);
            same =
                same && std::abs(radius - cameras[0].position().norm()) < 1e-5 && camera.fx == cameras[0].fx;
        }
        alike += same ? 1 : 0;
    }
    EXPECT_NEAR(alike, 110, 40);  // About half of the worlds have one radius and one field of view.
}

TEST(GeneratedViews, ViewsGoAroundTheObject) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        std::vector<double> azimuths;
        for (const Camera& camera : generate_views(general_family(), seed, 8, 8).cameras) {
            azimuths.push_back(std::atan2(camera.position().y(), camera.position().x()) * degrees);
        }
        std::sort(azimuths.begin(), azimuths.end());
        double gap = 360 - (azimuths.back() - azimuths.front());
        for (std::size_t i = 1; i < azimuths.size(); ++i) {
            gap = std::max(gap, azimuths[i] - azimuths[i - 1]);
        }
        EXPECT_LT(gap, 115) << seed;
    }
}

TEST(GeneratedViews, ScenesHaveNoMaskAndNormalizedPoses) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        const GeneratedViews made = generate_views(scenes_family(), seed, 32, 8);
        EXPECT_TRUE(made.mask.empty());
        SceneFiles capture;
        for (const Camera& camera : made.cameras) {
            SceneView view;
            view.camera = camera;
            capture.views.push_back(view);
        }
        normalize(capture, Normalization::automatic, 2.66);  // changes nothing any more
        double largest_change = 0;
        for (std::size_t i = 0; i < made.cameras.size(); ++i) {
            largest_change = std::max(
                largest_change, (capture.views[i].camera.c2w - made.cameras[i].c2w).cwiseAbs().maxCoeff());
        }
        EXPECT_LT(largest_change, 1e-5) << seed;
    }
}

TEST(GeneratedViews, ScenesFillTheWholeImage) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const GeneratedViews made = generate_views(scenes_family(), seed, 4, 16);
        std::size_t white = 0;
        for (const std::uint8_t value : made.rgb) {
            white += value == 255 ? 1U : 0U;
        }
        EXPECT_LT(white, made.rgb.size() / 2) << seed;
    }
}

}  // namespace
}  // namespace lact
