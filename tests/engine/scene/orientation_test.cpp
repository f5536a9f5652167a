// Photos that are stored turned: whatever a camera belongs to, photo and rays are those of an upright
// control.
#include "engine/scene/orientation.h"

#include "engine/scene/prepare.h"
#include "engine/scene/similarity.h"
#include "tests/engine/scene/cameras.h"
#include "tests/engine/scene/images.h"
#include "tests/engine/scene/scene_writer.h"
#include "tests/support/temporary_folder.h"

#include <random>

#include <gtest/gtest.h>

namespace lact {
namespace {

namespace fs = std::filesystem;
using test::SceneFormat;
using test::TemporaryFolder;
using test::WrittenView;

/// Where the first row and the first column of the stored pixels are on display, as the EXIF standard lists
/// it for the tag Orientation.
struct Sides {
    std::string row;
    std::string column;
};
const std::vector<Sides> exif_sides{{},
                                    {"top", "left"},
                                    {"top", "right"},
                                    {"bottom", "right"},
                                    {"bottom", "left"},
                                    {"left", "top"},
                                    {"right", "top"},
                                    {"right", "bottom"},
                                    {"left", "bottom"}};

bool sides_swapped(int orientation) {
    return exif_sides[static_cast<std::size_t>(orientation)].column == "top" ||
           exif_sides[static_cast<std::size_t>(orientation)].column == "bottom";
}

/// The stored pixels of a photo that is displayed as `displayed`.
Image8 stored_pixels(const Image8& displayed, int orientation) {
    const Sides& sides = exif_sides[static_cast<std::size_t>(orientation)];
    const bool swapped = sides_swapped(orientation);
    Image8 stored{swapped ? displayed.height : displayed.width,
                  swapped ? displayed.width : displayed.height,
                  displayed.channels,
                  {}};
    for (int r = 0; r < stored.height; ++r) {
        for (int c = 0; c < stored.width; ++c) {
            int x = 0;
            int y = 0;
            for (const auto& [side, at] : {std::pair{sides.row, r}, std::pair{sides.column, c}}) {
                if (side == "top") {
                    y = at;
                } else if (side == "bottom") {
                    y = displayed.height - 1 - at;
                } else if (side == "left") {
                    x = at;
                } else {
                    x = displayed.width - 1 - at;
                }
            }
            const auto from = displayed.pixels.begin() + (y * displayed.width + x) * displayed.channels;
            stored.pixels.insert(stored.pixels.end(), from, from + displayed.channels);
        }
    }
    return stored;
}

/// The camera of the stored pixels: the axes of its image are those sides of the displayed one. Rotations
/// only.
Camera stored_camera(const Camera& shown, int orientation) {
    const Sides& sides = exif_sides[static_cast<std::size_t>(orientation)];
    const Eigen::Vector3d right = shown.c2w.block<3, 1>(0, 0);
    const Eigen::Vector3d down = shown.c2w.block<3, 1>(0, 1);
    struct Axis {
        Eigen::Vector3d direction;
        double focal;
        double center;
    };
    // From a side of the displayed image to the opposite one.
    const auto from = [&](const std::string& side) -> Axis {
        if (side == "top") {
            return {down, shown.fy, shown.cy};
        }
        if (side == "bottom") {
            return {-down, shown.fy, shown.height - shown.cy};
        }
        if (side == "left") {
            return {right, shown.fx, shown.cx};
        }
        return {-right, shown.fx, shown.width - shown.cx};
    };
    const Axis x = from(sides.column);
    const Axis y = from(sides.row);
    const bool swapped = sides_swapped(orientation);
    Camera stored{swapped ? shown.height : shown.width,
                  swapped ? shown.width : shown.height,
                  x.focal,
                  y.focal,
                  x.center,
                  y.center,
                  shown.c2w};
    stored.c2w.block<3, 1>(0, 0) = x.direction;
    stored.c2w.block<3, 1>(0, 1) = y.direction;
    return stored;
}

/// A JPEG of blocks of 8x8 pixels in one colour each: turned by whole blocks it decodes to the same colours.
Image8 block_image(int columns, int rows) {
    const Image8 colours = test::random_image(columns, rows, 3, 9);
    Image8 image{8 * columns, 8 * rows, 3, {}};
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            const auto from = colours.pixels.begin() + 3 * (y / 8 * columns + x / 8);
            image.pixels.insert(image.pixels.end(), from, from + 3);
        }
    }
    return image;
}

Camera shown_camera(int width, int height) {
    Camera camera = test::camera_at({2, -1, 0.7}, {0.1, 0.2, -0.1}, {0.2, 0.1, 1});
    camera.width = width;
    camera.height = height;
    camera.fx = 1.1 * width;
    camera.fy = 1.3 * width;
    camera.cx = 0.4 * width;
    camera.cy = 0.55 * height;
    return camera;
}

/// Scenes of two views with one photo.
struct TurnedScene {
    TemporaryFolder folder;
    SceneFiles scene;

    TurnedScene(SceneFormat format, const std::string& jpeg, const Camera& camera,
                const Image8* mask = nullptr) {
        fs::create_directories(folder.path() / "images");
        fs::create_directories(folder.path() / "masks");
        std::vector<WrittenView> views;
        for (const char* name : {"a.jpg", "b.jpg"}) {
            (void)folder.file("images/" + std::string(name), jpeg);
            WrittenView view{name, camera, {}, {}};
            if (mask != nullptr) {
                view.mask = "masks/mask.png";
                (void)folder.file("masks/mask.png", *encode_png(*mask));
                (void)folder.file("masks/" + std::string(1, name[0]) + ".png", *encode_png(*mask));
            }
            views.push_back(view);
        }
        test::write_scene_of_images(folder.path(), format, views);
        auto read = read_scene(folder.path());
        EXPECT_TRUE(read) << read.error().message();
        if (read) {
            scene = std::move(*read);
        }
    }
    [[nodiscard]] PreparedView prepared(Size size) const {
        const auto views = prepare_views(scene, std::vector<std::size_t>{1}, size);
        EXPECT_TRUE(views) << views.error().message();
        return views ? views->front() : PreparedView{};
    }
    [[nodiscard]] std::size_t corrected() const {
        return static_cast<std::size_t>(
            std::ranges::count(scene.remarks, RemarkKind::corrected, &SceneRemark::kind));
    }
};

void expect_same_camera(const Camera& camera, const Camera& expected) {
    EXPECT_EQ(camera.size(), expected.size());
    EXPECT_NEAR(camera.fx, expected.fx, 1e-9);
    EXPECT_NEAR(camera.fy, expected.fy, 1e-9);
    EXPECT_NEAR(camera.cx, expected.cx, 1e-9);
    EXPECT_NEAR(camera.cy, expected.cy, 1e-9);
    EXPECT_LT((camera.c2w - expected.c2w).cwiseAbs().maxCoeff(), 1e-9);
}

constexpr std::pair<int, int> photo_shapes[]{{3, 5}, {5, 3}, {4, 4}};  ///< In blocks.

TEST(Orientation, StoredPixelsAndTheirCamerasBecomeThoseOfTheUprightControl) {
    for (const SceneFormat format : test::scene_formats) {
        for (const auto& [columns, rows] : photo_shapes) {
            const Image8 image = block_image(columns, rows);
            const Camera camera = shown_camera(image.width, image.height);
            const TurnedScene control(format, test::jpeg_of(image), camera);
            EXPECT_EQ(control.corrected(), 0U);
            const Size size{16, 24};
            const PreparedView expected = control.prepared(size);
            for (const int orientation : {1, 3, 6, 8}) {
                SCOPED_TRACE(fmt::format("format {}, {}x{}, orientation {}", static_cast<int>(format),
                                         columns, rows, orientation));
                const TurnedScene turned(format,
                                         test::jpeg_of(stored_pixels(image, orientation), orientation),
                                         stored_camera(camera, orientation));
                EXPECT_EQ(turned.corrected(), orientation == 1 ? 0U : 1U);
                const PreparedView view = turned.prepared(size);
                ASSERT_TRUE(view.image);
                EXPECT_EQ(view.image->rgb, expected.image->rgb);
                expect_same_camera(view.camera, expected.camera);
                expect_same_camera(turned.scene.views[0].camera, control.scene.views[0].camera);
            }
        }
    }
}

TEST(Orientation, ACameraOfTheDisplayedPhotoStaysAndThePhotoAloneIsTurned) {
    for (const SceneFormat format : test::scene_formats) {
        const Image8 image = block_image(3, 5);
        const Camera camera = shown_camera(image.width, image.height);
        const PreparedView expected = TurnedScene(format, test::jpeg_of(image), camera).prepared({16, 24});
        for (const int orientation : {5, 6, 7, 8}) {
            SCOPED_TRACE(fmt::format("format {}, orientation {}", static_cast<int>(format), orientation));
            const TurnedScene turned(format, test::jpeg_of(stored_pixels(image, orientation), orientation),
                                     camera);
            EXPECT_TRUE(turned.scene.remarks.empty());
            const PreparedView view = turned.prepared({16, 24});
            ASSERT_TRUE(view.image);
            EXPECT_EQ(view.image->rgb, expected.image->rgb);
            EXPECT_EQ(view.camera, expected.camera);
        }
    }
}

TEST(Orientation, MirroredPhotosWithCamerasOfTheirStoredPixelsAreUsedAsStored) {
    for (const SceneFormat format : test::scene_formats) {
        for (const int orientation : {2, 4, 5, 7}) {
            SCOPED_TRACE(fmt::format("format {}, orientation {}", static_cast<int>(format), orientation));
            const Image8 stored = stored_pixels(block_image(3, 5), orientation);
            const Camera camera = shown_camera(stored.width, stored.height);
            const PreparedView expected =
                TurnedScene(format, test::jpeg_of(stored), camera).prepared({16, 24});
            const TurnedScene mirrored(format, test::jpeg_of(stored, orientation), camera);
            const PreparedView view = mirrored.prepared({16, 24});
            ASSERT_TRUE(view.image);
            EXPECT_EQ(view.image->rgb, expected.image->rgb);
            EXPECT_EQ(view.camera, expected.camera);
            ASSERT_EQ(mirrored.corrected(), 1U);
            EXPECT_NE(mirrored.scene.remarks.back().text.find("mirrored"), std::string::npos);
        }
    }
}

TEST(Orientation, MasksTurnWithTheirPhoto) {
    for (const auto& [columns, rows] : {std::pair{3, 5}, std::pair{4, 4}}) {
        const Image8 image = block_image(columns, rows);
        Image8 mask = test::plain_image(image.width, image.height, {255, 255, 255});
        std::fill_n(mask.pixels.begin(), mask.pixels.size() / 4, std::uint8_t{0});  // Hides the top.
        const Camera camera = shown_camera(image.width, image.height);
        for (const SceneFormat format : test::scene_formats) {
            const PreparedView expected =
                TurnedScene(format, test::jpeg_of(image), camera, &mask).prepared({24, 24});
            EXPECT_EQ(expected.image->rgb[0], 1.0F);
            for (const int orientation : {3, 6, 8}) {
                const Image8 painted_over_stored = stored_pixels(mask, orientation);
                // A mask of the displayed photo is told by its aspect.
                const bool displayed = columns != rows && orientation != 3;
                for (const Image8* painted :
                     {&painted_over_stored, displayed ? &mask : &painted_over_stored}) {
                    SCOPED_TRACE(fmt::format("{}x{}, orientation {}", columns, rows, orientation));
                    const TurnedScene turned(format,
                                             test::jpeg_of(stored_pixels(image, orientation), orientation),
                                             stored_camera(camera, orientation), painted);
                    const PreparedView view = turned.prepared({24, 24});
                    ASSERT_TRUE(view.image);
                    EXPECT_EQ(view.image->rgb, expected.image->rgb);
                }
            }
        }
    }
}

/// Turning a point, then bending it with the turned lens, is the same as bending, then turning.
TEST(Orientation, LensesTurnWithTheirPhoto) {
    std::mt19937 generator(4);
    std::uniform_real_distribution<double> number(-0.1, 0.1);
    std::uniform_real_distribution<double> place(-0.6, 0.6);
    for (const LensModel model : {LensModel::opencv, LensModel::fisheye, LensModel::rad_tan_thin_prism,
                                  LensModel::fov, LensModel::division, LensModel::unified}) {
        LensDistortion lens{model, {}};
        for (double& k : lens.k) {
            k = number(generator);
        }
        if (model == LensModel::unified) {
            lens.k[0] = 0.4;
            lens.k[1] = 1.1;
        }
        for (const int orientation : {1, 3, 6, 8}) {
            const LensDistortion turned = upright(lens, orientation);
            const Sides& sides = exif_sides[static_cast<std::size_t>(orientation)];
            const auto displayed = [&](PlanePoint p) -> PlanePoint {
                PlanePoint out;
                for (const auto& [side, value] : {std::pair{sides.column, p.x}, std::pair{sides.row, p.y}}) {
                    (side == "left" || side == "right" ? out.x : out.y) =
                        side == "left" || side == "top" ? value : -value;
                }
                return out;
            };
            for (int i = 0; i < 20; ++i) {
                const PlanePoint p{place(generator), place(generator)};
                const PlanePoint expected = displayed(distorted(p, lens));
                const PlanePoint found = distorted(displayed(p), turned);
                EXPECT_NEAR(found.x, expected.x, 1e-12) << static_cast<int>(model) << " " << orientation;
                EXPECT_NEAR(found.y, expected.y, 1e-12) << static_cast<int>(model) << " " << orientation;
            }
        }
    }
}

/// Reduced copies of turned photos.
TEST(Orientation, ASmallerCopyOfATurnedPhotoHasItsCamera) {
    const Image8 image = block_image(3, 5);
    Camera camera = shown_camera(image.width, image.height);
    const PreparedView expected =
        TurnedScene(SceneFormat::colmap, test::jpeg_of(image), camera).prepared({16, 24});
    camera = stored_camera(camera, 8);
    for (double* value : {&camera.fx, &camera.fy, &camera.cx, &camera.cy}) {
        *value *= 2;
    }
    camera.width *= 2;
    camera.height *= 2;
    const TurnedScene turned(SceneFormat::colmap, test::jpeg_of(stored_pixels(image, 8), 8), camera);
    expect_same_camera(turned.prepared({16, 24}).camera, expected.camera);
}

}  // namespace
}  // namespace lact
