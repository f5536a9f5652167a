#include "engine/scene/view_set.h"

#include <algorithm>
#include <utility>

namespace lact {
namespace {

/// Gives the views the normalised poses.
void place(ViewSet& set, double radius) {
    set.radius = radius;
    set.poses = normalized_poses(set.files, set.normalization.normalization, radius);
    for (PreparedView& view : set.views) {
        view.camera.c2w = set.poses[view.index];
    }
}

}  // namespace

const PreparedView& ViewSet::view(std::size_t index) const {
    return *std::ranges::lower_bound(views, index, {}, &PreparedView::index);
}

std::string ViewSet::photo_name(std::size_t index) const {
    return files.views[index].image.filename().string();
}

std::vector<PreparedView> ViewSet::chosen(std::span<const std::size_t> indices) const {
    std::vector<PreparedView> picked;
    picked.reserve(indices.size());
    for (const std::size_t index : indices) {
        picked.push_back(view(index));
    }
    return picked;
}

Result<std::shared_ptr<const ViewSet>> make_view_set(const std::filesystem::path& path, SceneFiles files,
                                                     const Placement& placement, Size size,
                                                     std::vector<std::size_t> indices, const Job& job) {
    std::ranges::sort(indices);
    indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
    LACT_TRY(std::vector<PreparedView> views, prepare_views(files, indices, size, job));
    return assemble_view_set(path, std::move(files), placement, size, std::move(views));
}

std::shared_ptr<const ViewSet> assemble_view_set(const std::filesystem::path& path, SceneFiles files,
                                                 const Placement& placement, Size size,
                                                 std::vector<PreparedView> views) {
    auto set = std::make_shared<ViewSet>();
    set->views = std::move(views);
    set->path = path;
    set->files = std::move(files);
    set->remarks = set->files.remarks;
    for (SceneRemark& remark : remarks_of(set->views, set->files)) {
        set->remarks.push_back(std::move(remark));
    }
    set->normalization = placement.normalization;
    set->size = size;
    place(*set, placement.radius);
    return set;
}

std::shared_ptr<const ViewSet> with_radius(const std::shared_ptr<const ViewSet>& set, double radius) {
    if (set->normalization.normalization != Normalization::object || set->radius == radius) {
        return set;
    }
    auto moved = std::make_shared<ViewSet>(*set);
    place(*moved, radius);
    return moved;
}

}  // namespace lact
