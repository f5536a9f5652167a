#include "engine/scene/view_policy.h"

#include "engine/core/counted.h"
#include "engine/core/file_kind.h"
#include "engine/scene/camera_inliers.h"
#include "engine/scene/image.h"
#include "engine/scene/photo_files.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace lact {
namespace {

namespace fs = std::filesystem;

constexpr std::array<ViewDefect, 4> defects{ViewDefect::no_photo, ViewDefect::bad_photo, ViewDefect::pose,
                                            ViewDefect::mask};

/// The subject and verb of a remark about views left out for one reason.
std::string_view reason_of(ViewDefect defect) {
    switch (defect) {
        case ViewDefect::no_photo:
            return "no photo file";
        case ViewDefect::bad_photo:
            return "a photo that cannot be used";
        case ViewDefect::pose:
            return "no possible pose";
        case ViewDefect::mask:
            break;
    }
    return "a mask that cannot be used";
}

/// "a.jpg is cut short", or "a.jpg (frames[3].transform_matrix has the last row 0 0 0 0)"; the name alone for
/// a photo that is missing.
std::string shown(const LeftOutView& view) {
    if (view.defect == ViewDefect::no_photo) {
        return view.name;
    }
    const std::string& where = view.error.where;
    const std::size_t field = where.find(": ");
    if (view.defect != ViewDefect::pose || field == std::string::npos) {
        return view.name + " " + view.error.what;
    }
    return fmt::format("{} ({} {})", view.name, where.substr(field + 2), view.error.what);
}

std::vector<std::string> shown_views(const ViewNotes& notes, ViewDefect defect) {
    std::vector<std::string> texts;
    for (const LeftOutView& view : notes.left_out) {
        if (view.defect == defect) {
            texts.push_back(shown(view));
        }
    }
    return texts;
}

/// The step that helps with all views of a defect, as a sentence; empty where they need different ones.
std::string common_step(const ViewNotes& notes, ViewDefect defect) {
    const auto first = std::ranges::find(notes.left_out, defect, &LeftOutView::defect);
    const bool common = first != notes.left_out.end() && first->error.hint.find('\n') == std::string::npos &&
                        std::ranges::all_of(notes.left_out, [&](const LeftOutView& view) {
                            return view.defect != defect || view.error.hint == first->error.hint;
                        });
    return common ? first->error.hint : std::string();
}

bool all_have(const ViewNotes& notes, ViewDefect defect) {
    return std::ranges::all_of(notes.left_out,
                               [&](const LeftOutView& view) { return view.defect == defect; });
}

/// What is said where no view remains.
std::string none_remains(const ViewNotes& notes) {
    if (all_have(notes, ViewDefect::no_photo)) {
        return "but not one of their photos exists; the first would be " + notes.left_out.front().error.where;
    }
    std::vector<std::string> texts;
    for (const LeftOutView& view : notes.left_out) {
        texts.push_back(view.defect == ViewDefect::no_photo ? view.name + " does not exist" : shown(view));
    }
    const bool photos = std::ranges::all_of(notes.left_out, [](const LeftOutView& view) {
        return view.defect == ViewDefect::no_photo || view.defect == ViewDefect::bad_photo;
    });
    return fmt::format("but not one of {} can be used: {}", photos ? "their photos" : "them", some_of(texts));
}

}  // namespace

bool usable(const fs::path& photo, const std::string& name, ViewNotes& notes) {
    auto problem = broken_image(photo);
    if (problem) {
        Error error{std::move(*problem), photo.string(), {}, false};
        if (auto info = image_info(photo); !info) {
            // Says what it is instead, or why this form is not read.
            error = refused_file(photo, FileUse::photo, std::move(info.error()));
        }
        notes.left_out.push_back({ViewDefect::bad_photo, name, std::move(error)});
    }
    return !problem;
}

void note_no_photo(const std::string& name, const fs::path& wanted, ViewNotes& notes) {
    notes.left_out.push_back({ViewDefect::no_photo, name, {"does not exist", wanted.string(), {}}});
}

std::optional<Eigen::Matrix4d> usable_pose(Result<RigidPose> pose, const std::string& name,
                                           ViewNotes& notes) {
    if (!pose) {
        notes.left_out.push_back({ViewDefect::pose, name, std::move(pose.error())});
        return std::nullopt;
    }
    if (pose->rescaled) {
        notes.rescaled.push_back(name);
    }
    return pose->c2w;
}

std::optional<fs::path> usable_mask(const std::optional<fs::path>& mask, const std::string& name,
                                    ViewNotes& notes) {
    if (!mask) {
        notes.absent_masks.push_back(name);
        return std::nullopt;
    }
    return mask;
}

std::vector<SceneRemark> remarks_of(const ViewNotes& notes, std::size_t count) {
    std::vector<SceneRemark> remarks;
    for (const ViewDefect defect : defects) {
        const std::vector<std::string> texts = shown_views(notes, defect);
        if (texts.empty()) {
            continue;
        }
        const auto first = std::ranges::find(notes.left_out, defect, &LeftOutView::defect);
        const std::string step = defect == ViewDefect::bad_photo ? common_step(notes, defect) : "";
        remarks.push_back(
            {RemarkKind::left_out, first->name,
             fmt::format("{} of {} {} {} and {} left out: {}.{}{}", texts.size(), counted(count, "view"),
                         texts.size() == 1 ? "has" : "have", reason_of(defect),
                         texts.size() == 1 ? "is" : "are", some_of(texts), step.empty() ? "" : " ", step)});
    }
    if (!notes.rescaled.empty()) {
        remarks.push_back(
            {RemarkKind::corrected, notes.rescaled.front(),
             fmt::format("{} of {} {} scaled axes in the pose, which are normalised: {}.",
                         notes.rescaled.size(), counted(count, "view"),
                         notes.rescaled.size() == 1 ? "has" : "have", some_of(notes.rescaled))});
    }
    if (!notes.absent_masks.empty()) {
        remarks.push_back(
            {RemarkKind::mask, notes.absent_masks.front(),
             fmt::format("{} of {} {} no mask that can be read and {} used without: {}.",
                         notes.absent_masks.size(), counted(count, "view"),
                         notes.absent_masks.size() == 1 ? "has" : "have",
                         notes.absent_masks.size() == 1 ? "is" : "are", some_of(notes.absent_masks))});
    }
    return remarks;
}

Result<void> check_enough(std::size_t remaining, const ViewNotes& notes, std::size_t count,
                          const std::string& where) {
    if (notes.left_out.empty() || remaining >= least_views) {
        return {};
    }
    constexpr const char* hint = "Correct or restore what is named; two views are needed at least.";
    if (remaining == 0) {
        // One step helps if all photos are of one wrong kind, such as Git LFS pointers.
        const Error& first = notes.left_out.front().error;
        const bool one_kind = std::ranges::all_of(
            notes.left_out, [&](const LeftOutView& view) { return view.error.what == first.what; });
        return fail(where, fmt::format("has {}, {}", counted(count, "view"), none_remains(notes)),
                    one_kind && !first.hint.empty() ? first.hint : hint);
    }
    if (notes.left_out.size() == 1 && notes.left_out.front().defect == ViewDefect::pose) {
        const LeftOutView& view = notes.left_out.front();
        return fail(view.error.where, view.error.what + "; without this view fewer than two remain",
                    view.error.hint.empty() ? hint : view.error.hint);
    }
    std::string reasons;
    for (const ViewDefect defect : defects) {
        if (const auto texts = shown_views(notes, defect); !texts.empty()) {
            reasons += fmt::format("{}{} {} {}: {}", reasons.empty() ? "" : "; ", texts.size(),
                                   texts.size() == 1 ? "has" : "have", reason_of(defect), some_of(texts));
        }
    }
    return fail(where,
                fmt::format("has {}, of which only {} can be used and two are needed: {}",
                            counted(count, "view"), remaining, reasons),
                hint);
}

void mark_outlying(SceneFiles& scene) {
    // Remarks on geometry come from here alone.
    std::erase_if(scene.remarks,
                  [](const SceneRemark& remark) { return remark.kind == RemarkKind::geometry; });
    std::vector<Eigen::Matrix4d> poses;
    poses.reserve(scene.views.size());
    for (SceneView& view : scene.views) {
        view.outlying = false;
        poses.push_back(view.camera.c2w);
    }
    std::vector<std::string> texts;
    for (const OutlyingCamera& camera : outlying_cameras(poses)) {
        SceneView& view = scene.views[camera.index];
        view.outlying = true;
        const std::string name = view.image.filename().string();
        texts.push_back(
            camera.kind == OutlyingCamera::Kind::far
                ? fmt::format("{} is {:.3g} away (median {:.3g})", name, camera.value, camera.median)
                : fmt::format("{} looks {:.0f} degrees past the point that the others look at", name,
                              camera.value));
    }
    if (texts.empty()) {
        return;
    }
    const auto first = std::ranges::find(scene.views, true, &SceneView::outlying);
    scene.remarks.push_back(
        {RemarkKind::geometry, first->image.filename().string(),
         fmt::format("{} of {} {} not fit the others: {}. The scene is placed without, and by "
                     "default neither inputs nor "
                     "held-out views are chosen there.",
                     texts.size(), counted(scene.views.size(), "camera"), texts.size() == 1 ? "does" : "do",
                     some_of(texts))});
}

Result<void> settle(SceneFiles& scene, ViewNotes notes, std::size_t count, const std::string& where) {
    for (SceneView& view : scene.views) {
        if (view.mask && broken_image(*view.mask)) {
            view.mask.reset();
            notes.absent_masks.push_back(view.image.filename().string());
        }
    }
    LACT_CHECK(check_enough(scene.views.size(), notes, count, where));
    for (SceneRemark& remark : remarks_of(notes, count)) {
        scene.remarks.push_back(std::move(remark));
    }
    return {};
}

}  // namespace lact
