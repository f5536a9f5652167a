#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lact {

/// What a remark is about.
enum class RemarkKind {
    found_elsewhere,  ///< A file lies under another name or in another place than written.
    left_out,         ///< A view is not used: no photo, a broken one, an impossible pose.
    corrected,        ///< A value was understood, though not as written: scaled axes, a turned photo.
    mask,             ///< Masks found, missing or unused.
    unused,           ///< Files beside the scene that no view uses, and other models.
    duplicate,        ///< A photo that is listed more than once.
    geometry,         ///< Outlying cameras, the up direction, the normalization.
    lens,             ///< Parameters of a lens that are ignored.
    training,         ///< The scene or the choice of views lies outside of the training of the weights.
};

/// "found-elsewhere", "left-out", …: as in the JSON output of the program.
[[nodiscard]] std::string_view to_string(RemarkKind kind);

/// Something about the files of a scene that its user should know. The scene opens nevertheless.
struct SceneRemark {
    RemarkKind kind = RemarkKind::corrected;
    std::string view;  ///< The photo's name in the scene file where the remark is about one; else empty.
    std::string text;  ///< What was observed and what was done, in one or two sentences.
    friend bool operator==(const SceneRemark&, const SceneRemark&) = default;
};

}  // namespace lact
