#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera.h"
#include "engine/scene/camera_fields.h"
#include "engine/scene/json_field.h"
#include "engine/scene/lens.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lact {

// The camera of one frame of a scene file of the NeRF family. Programs state the same in many ways: each
// function tries those that are known.

/// A frame and the top level of its file, which holds defaults for all frames.
struct TransformsFrame {
    JsonField own;
    JsonField global;

    /// A field of the frame, otherwise of the file. One that is null counts as absent.
    [[nodiscard]] std::optional<JsonField> find(std::string_view key) const {
        auto field = own.find_set(key);
        return field ? std::move(field) : global.find_set(key);
    }
};

/// The size of the photo: "w" and "h", otherwise that of the file, which is `reduction` times smaller than
/// the photo that is named.
[[nodiscard]] Result<void> read_frame_size(const TransformsFrame& frame, const std::filesystem::path& image,
                                           int reduction, Camera& camera);

/// Focal lengths and principal point for the size in `camera`; values of the frame before those of the file.
/// True where a coordinate of the principal point is null beside a number, so that the centre stands for it.
[[nodiscard]] Result<bool> read_frame_intrinsics(const TransformsFrame& frame, Camera& camera);

/// The lens. Adds the names of parameters to `ignored` whose meaning differs between programs.
[[nodiscard]] Result<LensDistortion> read_frame_lens(const TransformsFrame& frame,
                                                     std::vector<std::string>& ignored);

/// Whether the frame has a pose for the first row of the photo and one for the last, as instant-ngp has them
/// of a rolling shutter, and none for the whole of it.
[[nodiscard]] bool has_rolling_shutter(const TransformsFrame& frame);

/// The pose of the camera, with the axes of OpenCV; with a rolling shutter that of the first row.
[[nodiscard]] Result<RigidPose> pose_of_frame(const TransformsFrame& frame);

}  // namespace lact
