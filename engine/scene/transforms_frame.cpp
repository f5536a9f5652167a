#include "engine/scene/transforms_frame.h"

#include "engine/scene/image.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numbers>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

/// Focal length in pixels from a field of view over `side` pixels.
Result<double> focal_of_angle(const JsonField& field, int side, bool in_degrees) {
    LACT_TRY(const double stated, field.number());
    const double angle = in_degrees ? stated * std::numbers::pi / 180 : stated;
    if (!(angle > 1e-3 && angle < 0.99 * std::numbers::pi)) {
        return field.bad(
            in_degrees ? fmt::format("is {}, an angle in degrees above 0 and below 180 was expected", stated)
                       : fmt::format("is {}, an angle in radians above 0 and below pi was expected", stated));
    }
    return 0.5 * side / std::tan(0.5 * angle);
}

/// Names of the fields that give the focal length along an axis.
struct FocalKeys {
    std::string_view degrees;  ///< A field of view; of instant-ngp, which prefers it.
    std::string_view length;
    std::string_view radians;
    std::size_t axis = 0;  ///< Row and column of "intrinsic_matrix".
};

/// Whether a value is a matrix of intrinsics as NeuS2 writes it: fx 0 cx, 0 fy cy, 0 0 1, most often within
/// 4x4.
bool is_intrinsic_matrix(const nlohmann::json& rows) {
    const auto fits = [](const nlohmann::json& list) {
        return list.is_array() && (list.size() == 3 || list.size() == 4);
    };
    return fits(rows) && std::all_of(rows.begin(), rows.end(), fits);
}

/// An element of the matrix of intrinsics. Nothing also if it has another shape: other fields may have what
/// it is for, and where they have not, no_focal_length() says so.
std::optional<JsonField> matrix_element(const JsonField& level, std::size_t row, std::size_t column) {
    const auto matrix = level.find_set("intrinsic_matrix");
    return matrix && is_intrinsic_matrix(matrix->value())
               ? std::optional(matrix->element(row).element(column))
               : std::nullopt;
}

tl::unexpected<Error> no_focal_length(const TransformsFrame& frame) {
    for (const JsonField& level : {frame.own, frame.global}) {
        if (const auto matrix = level.find_set("intrinsic_matrix")) {
            return matrix->bad(fmt::format(
                "is {}, 3 rows of 3 numbers or 4 of 4 were expected, as no other field has the focal length",
                matrix->shown()));
        }
    }
    return frame.own.bad(
        "has no focal length: neither it nor the file has \"fl_x\", \"camera_angle_x\", \"x_fov\" or "
        "\"intrinsic_matrix\"");
}

/// "cx" or "cy", or its place in "intrinsic_matrix"; values of the frame before those of the file.
std::optional<JsonField> principal_coordinate(const TransformsFrame& frame, std::string_view key,
                                              std::size_t axis) {
    for (const JsonField& level : {frame.own, frame.global}) {
        if (auto field = level.find_set(key)) {
            return field;
        }
        if (auto element = matrix_element(level, axis, 2)) {
            return element;
        }
    }
    return std::nullopt;
}

/// Whichever field exists; values of the frame before those of the file.
Result<std::optional<double>> read_focal(const TransformsFrame& frame, const FocalKeys& keys, int angle_side,
                                         int largest_side) {
    for (const JsonField& level : {frame.own, frame.global}) {
        if (const auto field = level.find_set(keys.degrees)) {
            LACT_TRY(const double focal, focal_of_angle(*field, angle_side, true));
            return focal;
        }
        if (const auto field = level.find_set(keys.length)) {
            LACT_TRY(const double focal, read_focal_length(*field, largest_side));
            return focal;
        }
        if (const auto field = level.find_set(keys.radians)) {
            LACT_TRY(const double focal, focal_of_angle(*field, angle_side, false));
            return focal;
        }
        if (const auto element = matrix_element(level, keys.axis, keys.axis)) {
            LACT_TRY(const double focal, read_focal_length(*element, largest_side));
            return focal;
        }
    }
    return std::nullopt;
}

/// The lens that `camera_model` (nerfstudio, with names of COLMAP) or `is_fisheye` (instant-ngp) selects.
struct LensKind {
    LensModel model = LensModel::opencv;
    bool rational = false;  ///< FULL_OPENCV: k4 k5 k6 are the denominator.
};

Result<LensKind> read_lens_kind(const TransformsFrame& frame) {
    constexpr const char* hint = "Undistort the photos first, for example with COLMAP's image_undistorter.";
    // Fields by which instant-ngp selects its other lenses.
    for (const char* key : {"ftheta_p0", "latlong", "equirectangular", "orthographic"}) {
        if (const auto field = frame.find(key); field && field->value() != false) {
            return field->bad("selects a lens that is not read, a perspective or fisheye lens was expected",
                              hint);
        }
    }
    if (const auto model = frame.find("camera_model"); model && model->value().is_string()) {
        std::string name = model->value().get<std::string>();
        std::ranges::transform(name, name.begin(),
                               [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
        for (const char* known :
             {"OPENCV", "PINHOLE", "SIMPLE_PINHOLE", "RADIAL", "SIMPLE_RADIAL", "PERSPECTIVE"}) {
            if (name == known) {
                return LensKind{};
            }
        }
        for (const char* known : {"OPENCV_FISHEYE", "SIMPLE_RADIAL_FISHEYE", "RADIAL_FISHEYE", "FISHEYE",
                                  "SIMPLE_FISHEYE", "THIN_PRISM_FISHEYE"}) {
            if (name == known) {
                return LensKind{LensModel::fisheye, false};
            }
        }
        if (name == "FULL_OPENCV") {
            return LensKind{LensModel::opencv, true};
        }
        if (name == "FOV") {
            return LensKind{LensModel::fov, false};
        }
        if (name == "RAD_TAN_THIN_PRISM_FISHEYE" || name == "FISHEYE624") {
            return LensKind{LensModel::rad_tan_thin_prism, false};
        }
        return model->bad(fmt::format("is {}, a perspective or fisheye lens was expected", model->shown()),
                          hint);
    }
    const auto fisheye = frame.find("is_fisheye");
    return LensKind{fisheye && fisheye->value() == true ? LensModel::fisheye : LensModel::opencv, false};
}

/// A lens parameter.
Result<double> read_bend(const JsonField& field) {
    LACT_TRY(const double value, field.number());
    if (std::abs(value) > 100) {
        return field.bad(fmt::format("is {}, a lens distortion between -100 and 100 was expected", value));
    }
    return value;
}

/// The twelve parameters of FISHEYE624 in nerfstudio, RAD_TAN_THIN_PRISM_FISHEYE in COLMAP.
Result<void> read_bend_list(const TransformsFrame& frame, LensDistortion& distortion) {
    const auto list = frame.find("distortion_params");
    if (!list) {
        return frame.own.bad("has no list \"distortion_params\", which its camera_model requires",
                             "Add k0 to k5, p0, p1 and s0 to s3, or undistort the photos first.");
    }
    if (!list->value().is_array() || list->value().size() != distortion.k.size()) {
        return list->bad(
            fmt::format("is {}, a list of {} numbers was expected", list->shown(), distortion.k.size()));
    }
    for (std::size_t i = 0; i < distortion.k.size(); ++i) {
        LACT_TRY(distortion.k[i], read_bend(list->element(i)));
    }
    return {};
}

/// Names of the parameters of a lens, in the order of LensDistortion::k.
std::vector<std::string_view> bend_keys(const LensKind& kind) {
    if (kind.model == LensModel::fov) {
        return {"omega"};
    }
    std::vector<std::string_view> keys{"k1", "k2", "p1", "p2", "k3"};
    if (kind.model == LensModel::fisheye) {
        keys.insert(keys.end(), {"k4", "sx1", "sy1"});
    } else if (kind.rational) {
        keys.insert(keys.end(), {"k4", "k5", "k6"});
    }
    return keys;
}

}  // namespace

Result<void> read_frame_size(const TransformsFrame& frame, const std::filesystem::path& image, int reduction,
                             Camera& camera) {
    const auto w = frame.find("w");
    const auto h = frame.find("h");
    if (w.has_value() != h.has_value()) {
        return (w ? *w : *h).bad(fmt::format("is given without \"{}\"", w ? "h" : "w"));
    }
    if (!w) {
        LACT_TRY(const ImageInfo info, image_info(image));
        camera.width = info.width * reduction;
        camera.height = info.height * reduction;
        return {};
    }
    LACT_TRY(camera.width, read_side(*w));
    LACT_TRY(camera.height, read_side(*h));
    return {};
}

Result<bool> read_frame_intrinsics(const TransformsFrame& frame, Camera& camera) {
    const int side = std::max(camera.width, camera.height);
    LACT_TRY(const std::optional<double> fx,
             read_focal(frame, {"x_fov", "fl_x", "camera_angle_x", 0}, camera.width, side));
    LACT_TRY(const std::optional<double> fy,
             read_focal(frame, {"y_fov", "fl_y", "camera_angle_y", 1}, camera.height, side));
    if (!fx && !fy) {
        return no_focal_length(frame);
    }
    camera.fx = fx ? *fx : *fy;
    camera.fy = fy ? *fy : *fx;
    camera.cx = camera.width / 2.0;
    camera.cy = camera.height / 2.0;
    bool stated = false;
    bool null = false;
    for (const auto& [key, axis, value] :
         {std::tuple{"cx", std::size_t{0}, &camera.cx}, std::tuple{"cy", std::size_t{1}, &camera.cy}}) {
        if (const auto field = principal_coordinate(frame, key, axis)) {
            LACT_TRY(*value, read_principal_point(*field, side));
            stated = true;
        } else {
            null = null || frame.own.find(key) || frame.global.find(key);
        }
    }
    return stated && null;
}

Result<LensDistortion> read_frame_lens(const TransformsFrame& frame, std::vector<std::string>& ignored) {
    LACT_TRY(const LensKind kind, read_lens_kind(frame));
    LensDistortion distortion;
    distortion.model = kind.model;
    if (kind.model == LensModel::rad_tan_thin_prism) {
        LACT_CHECK(read_bend_list(frame, distortion));
        return distortion;
    }
    const std::vector<std::string_view> keys = bend_keys(kind);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (const auto field = frame.find(keys[i])) {
            LACT_TRY(distortion.k[i], read_bend(*field));
        }
    }
    if (const auto field = frame.find("k4"); kind.model == LensModel::opencv && !kind.rational && field &&
                                             field->value().is_number() && field->value() != 0) {
        ignored.emplace_back("k4");  // Its meaning differs between programs.
    }
    return distortion;
}

bool has_rolling_shutter(const TransformsFrame& frame) {
    return !frame.own.find("transform_matrix") && frame.own.find_set("transform_matrix_start");
}

Result<RigidPose> pose_of_frame(const TransformsFrame& frame) {
    LACT_TRY(const JsonField field,
             frame.own.at(has_rolling_shutter(frame) ? "transform_matrix_start" : "transform_matrix"));
    LACT_TRY(RigidPose pose, read_rigid_pose(field, PoseKind::camera_to_world));
    const CameraAxes axes = camera_axes(frame.global);
    if (axes != CameraAxes::opencv) {
        pose.c2w.col(1) *= -1;
        pose.c2w.col(axes == CameraAxes::mitsuba ? 0 : 2) *= -1;
    }
    return pose;
}

}  // namespace lact
