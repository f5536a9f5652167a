#pragma once

#include "engine/scene/camera.h"
#include "engine/scene/lens.h"
#include "engine/scene/scene_files.h"

namespace lact {

// Phones and cameras store photos as the sensor saw them and note in EXIF how to turn them for display.
// COLMAP and the scripts around it, nerfstudio, and the released LaCT loader (PIL without a transpose) read
// the stored pixels, so their poses belong to these: the world of a portrait photo then lies on its side. The
// scene turns photo, intrinsics, lens and pose alike, which changes no ray.

/// Whether the orientation is a rotation (1, 3, 6, 8), so that a camera can be turned with its photo. The
/// others mirror it, which no pose can.
[[nodiscard]] constexpr bool is_rotation(int orientation) {
    return orientation == 1 || orientation == 3 || orientation == 6 || orientation == 8;
}

/// The camera of the upright photo; `camera` belongs to the stored one. `orientation` is a rotation.
[[nodiscard]] Camera upright(const Camera& camera, int orientation);
/// The lens of the upright photo. Its tangential and thin-prism terms are vectors in the image plane.
[[nodiscard]] LensDistortion upright(const LensDistortion& lens, int orientation);

/// Sets SceneView::orientation from EXIF and turns the cameras that belong to the stored pixels, with one
/// remark. Which pixels a camera belongs to is told by its size:
///
/// - the aspect of the stored photo: the stored ones. This includes square photos and half turns, where the
///   size does not tell, since all programs above read stored pixels;
/// - the aspect of the displayed photo: the displayed ones. The photo alone is turned, mirrored orientations
///   included;
/// - neither: nothing is turned, and the decoder leaves the view out.
///
/// A camera that belongs to the stored pixels of a mirrored orientation stays, with its photo, as stored; a
/// remark names it.
void stand_upright(SceneFiles& scene);

}  // namespace lact
