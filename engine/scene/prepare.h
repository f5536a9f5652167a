#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/scene/camera.h"
#include "engine/scene/image.h"
#include "engine/scene/lens.h"
#include "engine/scene/scene_files.h"
#include "engine/scene/view_policy.h"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace lact {

/// The effect of resize-to-cover and centre crop on an image and its intrinsics, as in LaCT's data loader:
/// scale = max(W / w, H / h), resized = round-half-to-even(w scale, h scale), offsets by floor division.
/// Intrinsics are multiplied by `scale` (not by resized / w) and shifted by the offsets.
struct CoverCrop {
    double scale = 1;
    Size resized;
    int left = 0;
    int top = 0;
};
[[nodiscard]] CoverCrop cover_crop(Size source, Size target);
[[nodiscard]] Image8 apply(const CoverCrop& crop, const Image8& image, Size target);
[[nodiscard]] Camera apply(const CoverCrop& crop, const Camera& camera, Size target);

/// Composes RGBA over white with the 8-bit paste arithmetic of Pillow; returns RGB unchanged.
[[nodiscard]] Image8 compose_over_white(const Image8& image);

/// A photo prepared for the model: RGB over white at the target size, and its camera. Copies share the
/// pixels.
struct PreparedView {
    std::size_t index = 0;                ///< In SceneFiles::views.
    std::shared_ptr<const ImageF> image;  ///< Not null.
    Camera camera;
    float foreground = 1;   ///< Fraction of pixels that are not white.
    bool test = false;      ///< As SceneView::test.
    bool outlying = false;  ///< As SceneView::outlying.
    /// The mask held small numbers (most often 0 and 1) or colours in place of black to white: all but black
    /// is kept.
    bool mask_of_labels = false;
    /// Fraction of pixels that the lens does not show: they are white. 0 wherever a zoom avoids them.
    float outside_lens = 0;
};

/// Mean fraction of pixels that are not white. `views` is not empty.
[[nodiscard]] float mean_foreground(std::span<const PreparedView> views);

/// One remark for each assumption that the decoder made about some of the views; `scene` is theirs.
[[nodiscard]] std::vector<SceneRemark> remarks_of(std::span<const PreparedView> views,
                                                  const SceneFiles& scene);

/// Whether two sizes have the same aspect within 1 %: one is a reduced copy of the other.
[[nodiscard]] bool same_aspect(Size a, Size b);

/// The photo of a view as its camera sees it: turned by SceneView::orientation, with the mask as alpha. Masks
/// turn with their photo unless they have the aspect of the turned photo alone. A mask whose largest value is
/// below 32 of 255, or below 8192 of 65535, holds labels, most often 0 and 1, and so does a mask in colours,
/// one for each object: all but black is kept. A mask that hides (SceneView::mask_hides) keeps what is black.
/// Errors: those of load_image(), another aspect, a mask that hides everything.
[[nodiscard]] Result<Image8> load_photo(const SceneView& view);

/// Views that were decoded, and those that could not be.
struct DecodedViews {
    std::vector<PreparedView> views;  ///< In the order of the indices.
    /// A view that cannot be used, by its index, and why.
    struct Failure {
        std::size_t index = 0;
        ViewDefect defect = ViewDefect::bad_photo;
        Error error;
    };
    std::vector<Failure> failures;  ///< In the order of the indices.
};
/// prepare_views() that goes on where a view cannot be used. Errors: an index that is not in the scene, and a
/// lack of memory.
[[nodiscard]] Result<DecodedViews> decode_views(const SceneFiles& scene, std::span<const std::size_t> indices,
                                                Size target, const Job& job = {});

/// Loads, masks, undistorts, resizes, crops and composes the views of a scene in parallel, in the order of
/// `indices`. A photo with another size than stated but the same aspect (within 1 %) is a reduced copy: its
/// intrinsics are scaled by the ratio of the sizes, per axis. A mask is resized to its photo under the same
/// condition. Lens distortion without visible effect (bends()) is ignored. Otherwise the focal lengths of the
/// view's camera grow until the lens shows every pixel of the crop (zoom_inside()), if that takes little.
/// `job` can stop it between views. Errors name the file (missing, damaged, another aspect: both sizes) or
/// the index (not in the scene), or state that the target does not fit into memory.
[[nodiscard]] Result<std::vector<PreparedView>> prepare_views(const SceneFiles& scene,
                                                              std::span<const std::size_t> indices,
                                                              Size target, const Job& job = {});

}  // namespace lact
