#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/scene/camera.h"
#include "engine/scene/image.h"
#include "engine/scene/lens.h"
#include "engine/scene/scene.h"

#include <cstddef>
#include <span>
#include <vector>

namespace lact {

/// Pillow's LANCZOS resampling of 8-bit pictures, bit for bit where its fixed-point arithmetic allows:
/// horizontal pass first, each pass rounded and clamped to 8 bits; RGBA is multiplied by alpha before and
/// divided after.
[[nodiscard]] Image8 resize_lanczos(const Image8& image, Size size);

/// How resize-to-cover and centre crop act on a picture and on its intrinsics, as LaCT's data loader does it:
/// scale = max(W / w, H / h), resized = round-half-to-even(w scale, h scale), offsets by floor division;
/// intrinsics are multiplied by `scale` (not by resized / w) and shifted by the offsets.
struct CoverCrop {
    double scale = 1;
    Size resized;
    int left = 0;
    int top = 0;
};
[[nodiscard]] CoverCrop cover_crop(Size source, Size target);
[[nodiscard]] Image8 apply(const CoverCrop& crop, const Image8& image, Size target);
[[nodiscard]] Camera apply(const CoverCrop& crop, const Camera& camera, Size target);

/// RGBA over white with Pillow's 8-bit paste arithmetic; RGB is returned unchanged.
[[nodiscard]] Image8 compose_over_white(const Image8& image);

/// Removes a lens's distortion by bilinear resampling (colours weighted by their alpha); `camera`
/// holds the intrinsics of photo and result alike. Pixels from outside the photo, and those that the
/// lens would fold back into it, become transparent (the result is RGBA) so that they are composed over
/// white like any background.
[[nodiscard]] Image8 undistort(const Image8& image, const Camera& camera, const LensDistortion& distortion);

/// A photo ready for the model: RGB over white at the target size, and the camera that belongs to it.
struct PreparedView {
    std::size_t index = 0;  ///< In Scene::views.
    ImageF image;
    Camera camera;
    float foreground = 1;  ///< Share of pixels that are not white.
    bool test = false;     ///< As SceneView::test.
};

/// Loads, masks, undistorts, resizes, crops and composes the views of a scene, in parallel; in the order of
/// `indices`. A photo whose size is not the stated one but has its aspect (within 1 %) is a reduced copy: its
/// intrinsics are scaled by the ratio of the sizes, per axis. A mask is stretched to the size of its photo
/// under the same condition. Errors name the file (missing, broken, another aspect than stated: both sizes)
/// or the index (not in the scene), and a target that does not fit into memory. `job` may stop it between
/// views. A lens that bends() nothing visibly leaves the photo as it is.
[[nodiscard]] Result<std::vector<PreparedView>> prepare_views(const Scene& scene,
                                                              std::span<const std::size_t> indices,
                                                              Size target, const Job& job = {});

}  // namespace lact
