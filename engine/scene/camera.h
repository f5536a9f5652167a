#pragma once

#include <cstddef>
#include <numbers>
#include <optional>
#include <span>

#include <Eigen/Core>

namespace lact {

/// Radians per degree.
inline constexpr double radians_per_degree = std::numbers::pi / 180;

/// Width and height of an image in pixels.
struct Size {
    int width = 0;
    int height = 0;
    friend bool operator==(const Size&, const Size&) = default;
};

/// A pinhole camera with OpenCV axes: x right, y down, z forward. Intrinsics in pixels of an image of width
/// x height; pixel centres lie at +0.5.
struct Camera {
    int width = 0;
    int height = 0;
    double fx = 0;
    double fy = 0;
    double cx = 0;
    double cy = 0;
    Eigen::Matrix4d c2w = Eigen::Matrix4d::Identity();  ///< Camera to world; the last row is 0 0 0 1.

    [[nodiscard]] Eigen::Vector3d position() const { return c2w.block<3, 1>(0, 3); }
    [[nodiscard]] Eigen::Vector3d forward() const { return c2w.block<3, 1>(0, 2); }
    [[nodiscard]] Size size() const { return {width, height}; }
    /// Exact equality. coincide() allows for rounding.
    friend bool operator==(const Camera& a, const Camera& b) {
        return a.width == b.width && a.height == b.height && a.fx == b.fx && a.fy == b.fy && a.cx == b.cx &&
               a.cy == b.cy && a.c2w == b.c2w;
    }
};

/// Intrinsics for any image size: those at the size `reference`. At another size they are scaled so that the
/// image is covered, as photos are (cover_crop).
struct Lens {
    Size reference{1, 1};
    double fx = 1;
    double fy = 1;
    double cx = 0.5;
    double cy = 0.5;
};
[[nodiscard]] Lens lens_of(const Camera& camera);
/// The mean field of view of the cameras (not empty), with the principal point in the centre.
[[nodiscard]] Lens typical_lens(std::span<const Camera> cameras);
/// The camera of a lens at a pose and size. At the reference size its intrinsics are exactly those of the
/// lens.
[[nodiscard]] Camera make_camera(const Eigen::Matrix4d& c2w, const Lens& lens, Size size);
/// Horizontal and vertical field of view of a camera, in degrees.
[[nodiscard]] Eigen::Vector2d field_of_view(const Camera& camera);

/// The camera of a list that is nearest in position and direction.
struct NearestCamera {
    std::size_t index = 0;     ///< Index in the list.
    double distance = 0;       ///< Between the positions, in world units.
    double angle_degrees = 0;  ///< Between the viewing directions.
};
/// The camera with the smallest sum of distance / `scale` and angle in radians; the lower index if two are
/// equal. Nothing for an empty list.
[[nodiscard]] std::optional<NearestCamera> nearest_camera(std::span<const Camera> cameras,
                                                          const Camera& camera, double scale);
/// Whether two cameras are equal up to rounding: same size, and pose and intrinsics equal within tolerance.
/// Only then may a rendering be compared with the photo pixel by pixel.
[[nodiscard]] bool coincide(const Camera& camera, const Camera& other);

}  // namespace lact
