#include "engine/scene/prepare.h"

#include "engine/scene/resample.h"
#include "tests/engine/scene/images.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include <gtest/gtest.h>

namespace lact {
namespace {

using test::TemporaryFolder;
using Values = std::vector<std::uint8_t>;

Camera camera_of(int width, int height) {
    return {width,
            height,
            1.1 * width,
            1.2 * width,
            width / 2.0 + 1,
            height / 2.0 - 1,
            Eigen::Matrix4d::Identity()};
}

/// The values were computed with Pillow's Image.resize(size, LANCZOS) from the same images.
TEST(ResizeLanczos, IsPillowsBitForBit) {
    EXPECT_EQ(
        resize_lanczos(test::random_image(9, 7, 3, 1), {4, 3}).pixels,
        (Values{160, 50,  85,  173, 159, 143, 130, 166, 131, 89,  162, 77, 125, 128, 136, 145, 146, 151,
                138, 109, 113, 85,  143, 124, 107, 163, 174, 139, 139, 97, 152, 135, 91,  108, 86,  127}));
    EXPECT_EQ(resize_lanczos(test::random_image(3, 4, 3, 2), {5, 4}).pixels,
              (Values{42,  108, 53,  116, 145, 31,  189, 183, 30,  110, 147, 98,  33,  111, 146,
                      181, 171, 16,  170, 207, 60,  145, 201, 118, 121, 70,  107, 112, 0,   81,
                      255, 93,  245, 235, 149, 194, 170, 189, 99,  90,  96,  50,  54,  19,  45,
                      27,  15,  97,  66,  28,  84,  132, 85,  76,  154, 170, 104, 149, 211, 125}));
    Image8 rgba = test::random_image(6, 5, 4, 3);
    for (const std::size_t pixel : {7, 8, 13, 14}) {
        rgba.pixels[pixel * 4 + 3] = 0;
    }
    rgba.pixels[(3 * 6 + 3) * 4 + 3] = 255;
    EXPECT_EQ(
        resize_lanczos(rgba, {4, 7}).pixels,
        (Values{68,  154, 226, 152, 43,  204, 73,  188, 106, 174, 146, 202, 110, 27,  92,  83,  88,  152, 210,
                159, 45,  203, 78,  84,  109, 205, 153, 93,  174, 78,  65,  136, 85,  153, 199, 146, 0,   0,
                0,   0,   36,  161, 20,  63,  186, 89,  94,  157, 51,  148, 191, 120, 0,   255, 0,   4,   44,
                119, 53,  194, 142, 35,  188, 107, 66,  113, 129, 126, 39,  222, 183, 78,  36,  117, 95,  182,
                158, 0,   142, 132, 151, 132, 110, 146, 89,  121, 229, 151, 76,  136, 122, 110, 160, 53,  94,
                119, 204, 162, 121, 155, 120, 57,  253, 174, 151, 160, 91,  81,  138, 184, 79,  83}));
}

TEST(ResizeLanczos, KeepsAPlainColourAndAnUnchangedSize) {
    const Image8 plain = test::plain_image(31, 17, {3, 130, 255});
    for (const Size size : {Size{7, 5}, Size{64, 64}, Size{31, 5}, Size{1, 1}}) {
        const Image8 resized = resize_lanczos(plain, size);
        EXPECT_EQ(resized.pixels, test::plain_image(size.width, size.height, {3, 130, 255}).pixels);
    }
    const Image8 image = test::random_image(12, 9, 4, 4);
    EXPECT_EQ(resize_lanczos(image, {12, 9}).pixels, image.pixels);
}

TEST(ResizeLanczos, AWindowIsThatPartOfTheWhole) {
    for (const int channels : {3, 4}) {
        const Image8 image = test::random_image(37, 29, channels, 6);
        for (const Size resized : {Size{20, 20}, Size{90, 29}, Size{37, 50}, Size{11, 60}, Size{37, 29}}) {
            const Image8 whole = resize_lanczos(image, resized);
            const Size window{resized.width / 2, resized.height / 3};
            const int left = resized.width / 4;
            const int top = resized.height / 2;
            const Image8 part = resize_lanczos_window(image, resized, left, top, window);
            for (int y = 0; y < window.height; ++y) {
                for (int i = 0; i < window.width * channels; ++i) {
                    ASSERT_EQ(part.pixels[static_cast<std::size_t>(y * window.width * channels + i)],
                              whole.pixels[static_cast<std::size_t>(
                                  ((top + y) * resized.width + left) * channels + i)]);
                }
            }
        }
    }
}

TEST(ResizeLanczos, HiddenColoursDoNotBleed) {
    Image8 image = test::plain_image(8, 8, {0, 0, 255, 0});  // Blue, but invisible,
    for (std::size_t y = 0; y < 8; ++y) {
        for (std::size_t x = 0; x < 4; ++x) {  // beside visible red.
            const Values red{255, 0, 0, 255};
            std::copy(red.begin(), red.end(), &image.pixels[(y * 8 + x) * 4]);
        }
    }
    const Image8 small = resize_lanczos(image, {3, 3});
    for (std::size_t at = 0; at < small.pixels.size(); at += 4) {
        EXPECT_EQ(small.pixels[at + 2], 0);
    }
}

TEST(CoverCrop, RoundsHalfToEvenAndFloorsTheOffset) {
    // 45 * 0.5 = 22.5 -> 22; the scale is that of the other side.
    const CoverCrop crop = cover_crop({45, 10}, {8, 5});
    EXPECT_DOUBLE_EQ(crop.scale, 0.5);
    EXPECT_EQ(crop.resized, (Size{22, 5}));
    EXPECT_EQ(crop.left, 7);
    EXPECT_EQ(crop.top, 0);
    EXPECT_EQ(cover_crop({47, 10}, {8, 5}).resized.width, 24);  // 23.5 -> 24
    EXPECT_EQ(cover_crop({47, 10}, {9, 5}).left, 7);            // floor(15 / 2)
}

TEST(CoverCrop, IntrinsicsScaleByTheFactorAndShiftByTheOffset) {
    const CoverCrop crop = cover_crop({45, 10}, {8, 5});
    const Camera camera = apply(crop, camera_of(45, 10), {8, 5});
    EXPECT_EQ(camera.width, 8);
    EXPECT_EQ(camera.height, 5);
    EXPECT_DOUBLE_EQ(camera.fx, 0.5 * 1.1 * 45);
    EXPECT_DOUBLE_EQ(camera.fy, 0.5 * 1.2 * 45);
    EXPECT_DOUBLE_EQ(camera.cx, 0.5 * 23.5 - 7);
    EXPECT_DOUBLE_EQ(camera.cy, 0.5 * 4);
}

TEST(CoverCrop, AlwaysCoversTheTarget) {
    for (int w = 1; w < 70; w += 3) {
        for (int h = 1; h < 70; h += 5) {
            const Size target{24, 16};
            const CoverCrop crop = cover_crop({w, h}, target);
            EXPECT_GE(crop.resized.width, target.width);
            EXPECT_GE(crop.resized.height, target.height);
            EXPECT_GE(crop.left, 0);
            EXPECT_GE(crop.top, 0);
            EXPECT_LE(crop.left + target.width, crop.resized.width);
            EXPECT_LE(crop.top + target.height, crop.resized.height);
        }
    }
}

/// The values were computed with Pillow: paste(image, mask=alpha) over white.
TEST(ComposeOverWhite, IsPillowsPaste) {
    EXPECT_EQ(compose_over_white(test::random_image(4, 2, 4, 4)).pixels,
              (Values{96,  181, 163, 182, 225, 183, 199, 232, 208, 209, 225, 247,
                      222, 224, 234, 158, 227, 130, 165, 86,  147, 205, 190, 205}));
    const Image8 rgb = test::random_image(4, 2, 3, 4);
    EXPECT_EQ(compose_over_white(rgb).pixels, rgb.pixels);
}

TEST(Undistort, WithoutDistortionIsTheIdentity) {
    const Image8 rgba = test::random_image(23, 17, 4, 8);
    const Image8 out = undistort(rgba, camera_of(23, 17), {});
    for (std::size_t at = 0; at < rgba.pixels.size(); at += 4) {
        EXPECT_EQ(out.pixels[at + 3], rgba.pixels[at + 3]);
        for (std::size_t c = 0; c < 3 && rgba.pixels[at + 3] > 0; ++c) {
            EXPECT_EQ(out.pixels[at + c], rgba.pixels[at + c]);
        }
    }
    const Image8 opaque = undistort(test::plain_image(5, 4, {9, 8, 7}), camera_of(5, 4), {});
    EXPECT_EQ(opaque.pixels, test::plain_image(5, 4, {9, 8, 7, 255}).pixels);
}

/// A point of the scene is where the pinhole model says after its photo, made with OpenCV's formula, is
/// undistorted.
TEST(Undistort, PutsADistortedDotWhereThePinholeSeesIt) {
    const Camera camera{201, 151, 160, 150, 98, 77, Eigen::Matrix4d::Identity()};
    const double k1 = -0.12;
    const double k2 = 0.03;
    const double p1 = 0.004;
    const double p2 = -0.006;
    for (const auto& [px, py] :
         {std::pair{40, 30}, std::pair{150, 110}, std::pair{98, 77}, std::pair{30, 120}}) {
        const double x = (px + 0.5 - camera.cx) / camera.fx;
        const double y = (py + 0.5 - camera.cy) / camera.fy;
        const double r2 = x * x + y * y;
        const double radial = 1 + k1 * r2 + k2 * r2 * r2;
        const double u = camera.fx * (x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)) + camera.cx;
        const double v = camera.fy * (y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y) + camera.cy;
        Image8 photo{201, 151, 3, {}};  // A soft dot around (u, v).
        for (int row = 0; row < 151; ++row) {
            for (int column = 0; column < 201; ++column) {
                const double d2 = std::pow(column + 0.5 - u, 2) + std::pow(row + 0.5 - v, 2);
                photo.pixels.insert(photo.pixels.end(), 3,
                                    static_cast<std::uint8_t>(255 * std::exp(-d2 / 8)));
            }
        }
        const Image8 out = undistort(photo, camera, {LensModel::opencv, {k1, k2, p1, p2}});
        double sum = 0;
        double sum_x = 0;
        double sum_y = 0;
        for (std::size_t row = 0; row < 151; ++row) {
            for (std::size_t column = 0; column < 201; ++column) {
                const double value = out.pixels[(row * 201 + column) * 4];
                sum += value;
                sum_x += value * (static_cast<double>(column) + 0.5);
                sum_y += value * (static_cast<double>(row) + 0.5);
            }
        }
        EXPECT_NEAR(sum_x / sum, px + 0.5, 0.1);
        EXPECT_NEAR(sum_y / sum, py + 0.5, 0.1);
    }
}

TEST(Undistort, OutsideOfThePhotoAndBeyondTheFoldIsTransparent) {
    const Image8 photo = test::plain_image(40, 40, {10, 20, 30});
    const Camera camera{40, 40, 30, 30, 20, 20, Eigen::Matrix4d::Identity()};
    const Image8 pulled =
        undistort(photo, camera, {LensModel::opencv, {0.5}});  // The corners come from outside.
    EXPECT_EQ(pulled.pixels[3], 0);
    EXPECT_EQ(pulled.pixels[(20 * 40 + 20) * 4 + 3], 255);
    const Image8 folded =
        undistort(photo, camera, {LensModel::opencv, {-0.6}});  // 1 - 1.8 r² < 0 in the corners (r² = 0.89).
    EXPECT_EQ(folded.pixels[3], 0);
    EXPECT_EQ(folded.pixels[(20 * 40 + 20) * 4 + 3], 255);
}

/// A scene of images in a temporary folder.
struct PhotoScene {
    TemporaryFolder folder;
    SceneFiles scene;

    void add(const std::string& name, const Image8& image, const Camera& camera) {
        scene.folder = folder.path();
        scene.views.push_back({folder.file(name, *encode_png(image)), std::nullopt, camera, {}});
    }
};

const std::vector<std::size_t> first_view{0};

TEST(PrepareViews, GivesTheWantedViewsInTheWantedOrder) {
    PhotoScene photos;
    for (std::uint8_t i = 0; i < 20; ++i) {
        photos.add(std::to_string(i) + ".png", test::plain_image(16, 12, {i, i, i}), camera_of(16, 12));
    }
    std::vector<std::size_t> indices(20);
    std::iota(indices.rbegin(), indices.rend(), std::size_t{0});
    std::vector<double> fractions;
    Job job;
    job.report = [&](std::string_view, double fraction) { fractions.push_back(fraction); };
    const auto views = prepare_views(photos.scene, indices, {8, 8}, job);
    ASSERT_TRUE(views) << views.error().message();
    ASSERT_EQ(views->size(), 20U);
    for (std::size_t i = 0; i < 20; ++i) {
        EXPECT_EQ((*views)[i].index, 19 - i);
        EXPECT_FLOAT_EQ((*views)[i].image->rgb.at(0), static_cast<float>(19 - i) / 255);
        EXPECT_EQ((*views)[i].camera.width, 8);
    }
    EXPECT_EQ(fractions.size(), 20U);
    EXPECT_TRUE(std::is_sorted(fractions.begin(), fractions.end()));
    EXPECT_EQ(fractions.back(), 1.0);
}

TEST(PrepareViews, MasksAndAlphaAreComposedOverWhite) {
    PhotoScene photos;
    Image8 mask = test::plain_image(8, 8, {255, 255, 255});
    std::fill_n(mask.pixels.begin(), mask.pixels.size() / 2, std::uint8_t{0});  // The upper half is hidden.
    photos.add("rgb.png", test::plain_image(8, 8, {10, 20, 30}), camera_of(8, 8));
    photos.scene.views[0].mask = photos.folder.file("mask.png", *encode_png(mask));
    photos.add("rgba.png", test::plain_image(8, 8, {10, 20, 30, 0}), camera_of(8, 8));
    const auto views = prepare_views(photos.scene, std::vector<std::size_t>{0, 1}, {8, 8});
    ASSERT_TRUE(views) << views.error().message();
    EXPECT_EQ((*views)[0].image->rgb.front(), 1.0F);
    EXPECT_EQ((*views)[0].image->rgb.back(), 30.0F / 255);
    EXPECT_FLOAT_EQ((*views)[0].foreground, 0.5F);
    EXPECT_FLOAT_EQ((*views)[1].foreground, 0.0F);
}

TEST(PrepareViews, MasksOfLabelsKeepWhatIsNotZero) {
    PhotoScene photos;
    for (const std::uint8_t largest : std::vector<std::uint8_t>{1, 31, 32, 255}) {
        Image8 mask = test::plain_image(8, 8, {largest, largest, largest});
        std::fill_n(mask.pixels.begin(), mask.pixels.size() / 2, std::uint8_t{0});
        const std::string name = std::to_string(largest) + ".png";
        photos.add(name, test::plain_image(8, 8, {10, 20, 30}), camera_of(8, 8));
        photos.scene.views.back().mask = photos.folder.file("mask_" + name, *encode_png(mask));
    }
    const auto views = prepare_views(photos.scene, std::vector<std::size_t>{0, 1, 2, 3}, {8, 8});
    ASSERT_TRUE(views) << views.error().message();
    for (std::size_t i = 0; i < 4; ++i) {
        const PreparedView& view = (*views)[i];
        EXPECT_EQ(view.image->rgb.front(), 1.0F) << i;
        EXPECT_EQ(view.image->rgb.back() == 30.0F / 255, i != 2) << "32 of 255 is a soft mask";
        EXPECT_EQ(view.mask_of_labels, i < 2) << i;
        EXPECT_EQ(load_photo(photos.scene.views[i])->pixels.back(), i == 2 ? 32 : 255) << i;
    }
    const auto remarks = remarks_of(*views, photos.scene);
    ASSERT_EQ(remarks.size(), 1U);
    EXPECT_EQ(remarks[0].kind, RemarkKind::mask);
    EXPECT_NE(remarks[0].text.find("2 of 4 views have"), std::string::npos) << remarks[0].text;
    EXPECT_NE(remarks[0].text.find("1.png"), std::string::npos) << remarks[0].text;
}

TEST(PrepareViews, MasksThatHideKeepWhatIsBlack) {
    PhotoScene photos;
    photos.add("a.png", test::plain_image(8, 8, {10, 20, 30}), camera_of(8, 8));
    SceneView& view = photos.scene.views[0];
    view.mask_hides = true;
    for (const std::uint8_t marked : std::vector<std::uint8_t>{1, 255}) {
        Image8 mask = test::plain_image(8, 8, {0, 0, marked});
        std::fill_n(mask.pixels.begin(), mask.pixels.size() / 2, std::uint8_t{0});
        view.mask = photos.folder.file("dynamic_mask_a.png", *encode_png(mask));
        const auto photo = load_photo(view);
        ASSERT_TRUE(photo) << photo.error().message();
        EXPECT_EQ(photo->pixels[3], 255) << "black is kept";
        EXPECT_EQ(photo->pixels.back(), 0);
    }
    view.mask = photos.folder.file("dynamic_mask_a.png", *encode_png(test::plain_image(8, 8, {9, 9, 9})));
    const auto hidden = load_photo(view);
    ASSERT_FALSE(hidden);
    EXPECT_NE(hidden.error().what.find("nowhere black"), std::string::npos) << hidden.error().what;
}

/// Programs for segmentation paint every object in a colour of its own, such as those of DAVIS.
TEST(PrepareViews, MasksInColoursKeepWhatIsNotBlack) {
    PhotoScene photos;
    const std::vector<std::vector<std::uint8_t>> colours{{128, 0, 0}, {0, 128, 0}, {200, 190, 200}};
    for (const std::vector<std::uint8_t>& colour : colours) {
        Image8 mask = test::plain_image(8, 8, colour);
        std::fill_n(mask.pixels.begin(), mask.pixels.size() / 2, std::uint8_t{0});
        const std::string name = std::to_string(photos.scene.views.size()) + ".png";
        photos.add(name, test::plain_image(8, 8, {10, 20, 30}), camera_of(8, 8));
        photos.scene.views.back().mask = photos.folder.file("mask_" + name, *encode_png(mask));
    }
    const auto views = prepare_views(photos.scene, std::vector<std::size_t>{0, 1, 2}, {8, 8});
    ASSERT_TRUE(views) << views.error().message();
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ((*views)[i].image->rgb.front(), 1.0F) << i;
        EXPECT_EQ((*views)[i].mask_of_labels, i < 2) << i;
        EXPECT_EQ(load_photo(photos.scene.views[i])->pixels.back(), i < 2 ? 255 : 200)
            << i << ": small differences are the noise of a grey mask";
    }
}

TEST(PrepareViews, LabelsOf16BitsAreKept) {
    PhotoScene photos;
    const auto add = [&photos](const std::string& name, std::uint16_t first, std::uint16_t second) {
        // The upper half is 0, the lower one has both values in turn.
        std::vector<std::uint16_t> values(64, 0);
        for (std::size_t i = 32; i < values.size(); ++i) {
            values[i] = i % 2 == 0 ? first : second;
        }
        photos.add(name, test::plain_image(8, 8, {10, 20, 30}), camera_of(8, 8));
        photos.scene.views.back().mask =
            photos.folder.file("mask_" + name, test::png_of_16_bits(8, 8, values));
    };
    add("one.png", 1, 1);
    add("byte.png", 1, 255);
    add("objects.png", 2, 3000);
    add("white.png", 65535, 65535);
    const auto views = prepare_views(photos.scene, std::vector<std::size_t>{0, 1, 2, 3}, {8, 8});
    ASSERT_TRUE(views) << views.error().message();
    for (std::size_t i = 0; i < 4; ++i) {
        const PreparedView& view = (*views)[i];
        EXPECT_EQ(view.image->rgb.front(), 1.0F) << i;
        EXPECT_EQ(view.image->rgb.back(), 30.0F / 255) << i;
        EXPECT_FLOAT_EQ(view.foreground, 0.5F) << i;
        EXPECT_EQ(view.mask_of_labels, i < 3) << i;
    }
    const auto remarks = remarks_of(*views, photos.scene);
    ASSERT_EQ(remarks.size(), 1U);
    EXPECT_NE(remarks[0].text.find("3 of 4 views have a mask of labels"), std::string::npos)
        << remarks[0].text;
    add("black.png", 0, 0);
    const auto black = load_photo(photos.scene.views.back());
    ASSERT_FALSE(black);
    EXPECT_NE(black.error().what.find("black all over"), std::string::npos) << black.error().what;
}

/// The camera of the view is that of its pixels: a ramp along x has the value of where the lens puts them.
TEST(PrepareViews, AnUndistortedPhotoIsZoomedUntilTheLensShowsAllOfIt) {
    PhotoScene photos;
    Image8 ramp{48, 36, 3, {}};
    for (int i = 0; i < 48 * 36; ++i) {
        ramp.pixels.insert(ramp.pixels.end(), 3, static_cast<std::uint8_t>(5 * (i % 48)));
    }
    photos.add("ramp.png", ramp, {48, 36, 40, 42, 25, 17, Eigen::Matrix4d::Identity()});
    const LensDistortion lens{LensModel::opencv, {0.3}};
    photos.scene.views[0].distortion = lens;
    const auto views = prepare_views(photos.scene, first_view, {36, 36});
    ASSERT_TRUE(views) << views.error().message();
    const Camera& camera = views->front().camera;
    EXPECT_GT(camera.fx, 1.05 * 40);
    EXPECT_LT(camera.fx, 1.15 * 40);
    EXPECT_NEAR(camera.fy / 42, camera.fx / 40, 1e-12);
    EXPECT_EQ(camera.cx, 25 - 6);
    for (int y = 0; y < 36; ++y) {
        for (int x = 0; x < 36; ++x) {
            const PlanePoint ray{(x + 0.5 - camera.cx) / camera.fx, (y + 0.5 - camera.cy) / camera.fy};
            const double u = 40 * distorted(ray, lens).x + 25;
            const float seen = views->front().image->rgb[static_cast<std::size_t>(3 * (36 * y + x))];
            EXPECT_NEAR(255 * seen, 5 * std::clamp(u - 0.5, 0.0, 47.0), 0.6) << x << " " << y;
        }
    }
}

TEST(PrepareViews, UndistortionLeavesNoWhitePixelsInAnyCrop) {
    PhotoScene photos;
    photos.add("dark.png", test::plain_image(48, 36, {10, 20, 30}),
               {48, 36, 40, 42, 25, 17, Eigen::Matrix4d::Identity()});
    for (const LensDistortion& lens :
         {LensDistortion{LensModel::opencv, {0.3}}, LensDistortion{LensModel::opencv, {-0.6}},
          LensDistortion{LensModel::opencv, {0.1, -0.05, 0.02, -0.01}}}) {
        photos.scene.views[0].distortion = lens;
        for (const Size target : {Size{16, 16}, Size{48, 36}, Size{24, 40}, Size{96, 64}}) {
            const auto views = prepare_views(photos.scene, first_view, target);
            ASSERT_TRUE(views) << views.error().message();
            const auto [least, most] = std::ranges::minmax(views->front().image->rgb);
            EXPECT_FLOAT_EQ(least, 10.0F / 255) << lens.k[0];
            EXPECT_FLOAT_EQ(most, 30.0F / 255) << lens.k[0];
            EXPECT_EQ(views->front().outside_lens, 0);
            EXPECT_TRUE(remarks_of(*views, photos.scene).empty());
        }
    }
}

TEST(PrepareViews, WithoutNeedNothingIsZoomed) {
    PhotoScene photos;
    const Image8 image = test::random_image(16, 12, 3, 9);
    photos.add("photo.png", image, camera_of(16, 12));
    for (const LensDistortion& lens : {LensDistortion{}, LensDistortion{LensModel::opencv, {-0.1}}}) {
        photos.scene.views[0].distortion = lens;
        const auto views = prepare_views(photos.scene, first_view, {12, 12});
        ASSERT_TRUE(views) << views.error().message();
        EXPECT_EQ(views->front().camera, apply(cover_crop({16, 12}, {12, 12}), camera_of(16, 12), {12, 12}));
        EXPECT_EQ(views->front().image->rgb ==
                      to_image_f(apply(cover_crop({16, 12}, {12, 12}), image, {12, 12})).rgb,
                  lens == LensDistortion{});
    }
}

TEST(PrepareViews, WhereTheZoomWouldHaveToBeLargeTheRestIsWhiteAndSaidSo) {
    PhotoScene photos;
    photos.add("fold.png", test::plain_image(40, 40, {10, 20, 30}),
               {40, 40, 30, 30, 20, 20, Eigen::Matrix4d::Identity()});
    photos.scene.views[0].distortion = {LensModel::opencv, {-3}};  // Folds at r = 1/3, ten pixels.
    const auto views = prepare_views(photos.scene, first_view, {40, 40});
    ASSERT_TRUE(views) << views.error().message();
    EXPECT_EQ(views->front().camera.fx, 30);
    EXPECT_EQ(views->front().image->rgb[0], 1.0F);
    EXPECT_NEAR(views->front().outside_lens, 0.8, 0.03);
    EXPECT_FLOAT_EQ(views->front().outside_lens, 1 - views->front().foreground);
    const auto remarks = remarks_of(*views, photos.scene);
    ASSERT_EQ(remarks.size(), 1U);
    EXPECT_EQ(remarks[0].kind, RemarkKind::lens);
    for (const char* part : {"1 of 1 view has", "fold.png", " %"}) {
        EXPECT_NE(remarks[0].text.find(part), std::string::npos) << remarks[0].text;
    }
}

TEST(PrepareViews, AReducedCopyOfThePhotoScalesTheIntrinsics) {
    PhotoScene photos;
    photos.add("half.png", test::plain_image(32, 24, {1, 2, 3}), camera_of(64, 48));
    const auto views = prepare_views(photos.scene, first_view, {32, 24});
    ASSERT_TRUE(views) << views.error().message();
    EXPECT_DOUBLE_EQ((*views)[0].camera.fx, 1.1 * 32);
    EXPECT_DOUBLE_EQ((*views)[0].camera.fy, 1.2 * 32);
    EXPECT_DOUBLE_EQ((*views)[0].camera.cx, 16.5);
    EXPECT_DOUBLE_EQ((*views)[0].camera.cy, 11.5);
}

TEST(PrepareViews, AnotherAspectNamesTheFileAndBothSizes) {
    PhotoScene photos;
    photos.add("wide.png", test::plain_image(32, 16, {1, 2, 3}), camera_of(64, 48));
    const auto views = prepare_views(photos.scene, first_view, {8, 8});
    ASSERT_FALSE(views);
    for (const char* part : {"wide.png", "32x16", "64x48"}) {
        EXPECT_NE(views.error().message().find(part), std::string::npos) << views.error().message();
    }
}

TEST(PrepareViews, ErrorsNameTheFirstBadFile) {
    PhotoScene photos;
    photos.add("good.png", test::plain_image(8, 8, {1, 2, 3}), camera_of(8, 8));
    photos.add("bad.png", test::plain_image(8, 8, {1, 2, 3}), camera_of(8, 8));
    std::ignore = photos.folder.file("bad.png", "not a picture");
    const auto views = prepare_views(photos.scene, std::vector<std::size_t>{0, 1}, {8, 8});
    ASSERT_FALSE(views);
    EXPECT_NE(views.error().where.find("bad.png"), std::string::npos) << views.error().message();
}

TEST(PrepareViews, RefusesIndicesAndSizesThatCannotBe) {
    PhotoScene photos;
    photos.add("good.png", test::plain_image(8, 8, {1, 2, 3}), camera_of(8, 8));
    EXPECT_FALSE(prepare_views(photos.scene, std::vector<std::size_t>{1}, {8, 8}));
    EXPECT_FALSE(prepare_views(photos.scene, first_view, {0, 8}));
    const std::vector<std::size_t> many(1000, 0);
    const auto huge = prepare_views(photos.scene, many, {60000, 60000});
    ASSERT_FALSE(huge);
    EXPECT_NE(huge.error().what.find("GB"), std::string::npos);
}

TEST(PrepareViews, StopsWhenAsked) {
    PhotoScene photos;
    photos.add("good.png", test::plain_image(8, 8, {1, 2, 3}), camera_of(8, 8));
    std::stop_source source;
    source.request_stop();
    Job job;
    job.stop = source.get_token();
    const auto views = prepare_views(photos.scene, first_view, {8, 8}, job);
    ASSERT_FALSE(views);
    EXPECT_TRUE(views.error().cancelled);
}

}  // namespace
}  // namespace lact
