#pragma once

#include "engine/scene/camera.h"
#include "engine/scene/image.h"

#include <array>
#include <optional>

namespace lact {

/// Models of lens distortion.
enum class LensModel {
    opencv,   ///< k1 k2 p1 p2 k3 k4 k5 k6: radial (rational) and tangential, as OpenCV. All 0: pinhole.
    fisheye,  ///< k1 k2 p1 p2 k3 k4 sx1 sy1 of the angle to the axis: equidistant with thin prism.
    rad_tan_thin_prism,  ///< k0 … k5 p0 p1 s0 … s3 of the angle to the axis (Project Aria's Fisheye624).
    fov,                 ///< omega (Devernay and Faugeras 2001).
    division,            ///< k (Fitzgibbon 2001).
    unified,             ///< alpha beta (enhanced unified camera model, Khomutenko et al. 2016).
};

/// The distortion of a lens relative to a pinhole. Focal lengths and principal point are those of the
/// camera.
struct LensDistortion {
    LensModel model = LensModel::opencv;
    std::array<double, 12> k{};  ///< In the order above; unused ones are 0.

    friend bool operator==(const LensDistortion&, const LensDistortion&) = default;
};

/// A position on the image plane relative to the principal point, in units of the focal length.
struct PlanePoint {
    double x = 0;
    double y = 0;
};

/// Maps a pinhole projection `p` to its distorted position, as the camera models of COLMAP define it. Not
/// finite outside the field of view of the lens.
[[nodiscard]] PlanePoint distorted(PlanePoint p, const LensDistortion& lens);

/// The radius on the pinhole image plane (at most `largest`) beyond which the radial function decreases and
/// the photo would appear a second time; `largest` if there is none.
[[nodiscard]] double fold_radius(const LensDistortion& lens, double largest);

/// Whether the lens moves any point of the image by more than a tenth of a pixel. Otherwise the photo is
/// used as a pinhole image without resampling, which would blur it.
[[nodiscard]] bool bends(const LensDistortion& lens, const Camera& camera);

/// Which points of a pinhole image the photo of a lens shows: those that lie in the photo and that the lens
/// does not fold back into it.
class LensCover {
  public:
    /// `camera`: the intrinsics of the photo.
    LensCover(const Camera& camera, const LensDistortion& lens);

    /// Where the point (x, y) of the pinhole image lies in the photo, in pixels; nothing if it is not shown.
    /// `zoom`: by how much longer the focal lengths of the pinhole image are.
    [[nodiscard]] std::optional<PlanePoint> in_photo(double x, double y, double zoom) const;

  private:
    Camera camera_;
    LensDistortion lens_;
    double limit_;  ///< Radius of the fold on the pinhole image plane.
};

/// A part of an image: the columns from `left` and the rows from `top` on, up to, not including, the others.
struct PixelWindow {
    int left = 0;
    int top = 0;
    int right = 0;
    int bottom = 0;
};

/// The largest zoom of zoom_inside().
inline constexpr double largest_lens_zoom = 1.5;
/// The smallest zoom from 1 on with which the photo shows all pixels on the border of a part of the pinhole
/// image, as COLMAP's image_undistorter chooses it; nothing if it would have to exceed largest_lens_zoom.
[[nodiscard]] std::optional<double> zoom_inside(const LensCover& cover, const PixelWindow& window);

/// Removes a lens's distortion by bilinear resampling (colours weighted by their alpha). `camera` holds the
/// intrinsics of the photo, and its size; the result has the same ones, but focal lengths `zoom` times as
/// long. Pixels that the photo does not show (LensCover) become transparent (the result is RGBA) so that they
/// are composed over white like any background.
[[nodiscard]] Image8 undistort(const Image8& image, const Camera& camera, const LensDistortion& distortion,
                               double zoom = 1);

}  // namespace lact
