#pragma once

#include "engine/scene/camera.h"

#include <array>

namespace lact {

/// The families of lenses that photos come from.
enum class LensModel {
    opencv,   ///< k1 k2 p1 p2 k3 k4 k5 k6: radial (rational) and tangential, as OpenCV. All 0: pinhole.
    fisheye,  ///< k1 k2 p1 p2 k3 k4 sx1 sy1 of the angle to the axis: equidistant, thin prism.
    rad_tan_thin_prism,  ///< k0 … k5 p0 p1 s0 … s3 of the angle to the axis (Project Aria's Fisheye624).
    fov,                 ///< omega (Devernay and Faugeras 2001).
    division,            ///< k (Fitzgibbon 2001).
    unified,             ///< alpha beta (enhanced unified camera model, Khomutenko et al. 2016).
};

/// How a lens bends what a pinhole would see. Focal lengths and principal point are the camera's.
struct LensDistortion {
    LensModel model = LensModel::opencv;
    std::array<double, 12> k{};  ///< In the order above; unused ones 0.

    friend bool operator==(const LensDistortion&, const LensDistortion&) = default;
};

/// A position on the image plane in units of the focal length, from the principal point.
struct PlanePoint {
    double x = 0;
    double y = 0;
};

/// Where the lens puts what a pinhole would see at `p`, as COLMAP's camera models define it. Not finite where
/// the lens sees nothing.
[[nodiscard]] PlanePoint distorted(PlanePoint p, const LensDistortion& lens);

/// The distance from the principal point (on the pinhole's image plane, at most `largest`) from which on the
/// lens would show the photo a second time, because its radial function falls again: `largest` if none.
[[nodiscard]] double fold_radius(const LensDistortion& lens, double largest);

/// Whether the lens moves anything in the camera's picture by more than a tenth of a pixel; otherwise the
/// photo is as good as a pinhole's, and resampling it would only blur it.
[[nodiscard]] bool bends(const LensDistortion& lens, const Camera& camera);

}  // namespace lact
