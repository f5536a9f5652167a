#include "engine/scene/similarity.h"

#include "engine/core/counted.h"

#include <algorithm>

#include <Eigen/Geometry>
#include <fmt/format.h>

namespace lact {

Eigen::Matrix4d Similarity::moved(const Eigen::Matrix4d& c2w) const {
    Eigen::Matrix4d out = c2w;
    out.block<3, 3>(0, 0) = rotation * c2w.block<3, 3>(0, 0);
    out.block<3, 1>(0, 3) = (*this)(c2w.block<3, 1>(0, 3));
    return out;
}

Similarity Similarity::inverse() const {
    Similarity out;
    out.scale = 1 / scale;
    out.rotation = rotation.transpose();
    out.translation = -out.scale * (out.rotation * translation);
    return out;
}

Similarity operator*(const Similarity& first, const Similarity& second) {
    return {first.scale * second.scale, first.rotation * second.rotation, first(second.translation)};
}

Result<Similarity> similarity_between(std::span<const Eigen::Matrix4d> from,
                                      std::span<const Eigen::Matrix4d> to) {
    if (from.empty() || from.size() != to.size()) {
        return fail("poses",
                    fmt::format("{} and {} cannot be aligned", from.size(), counted(to.size(), "pose")));
    }
    Similarity move;
    // The rotations of all cameras agree (checked below), so the first one determines the rotation.
    const Eigen::Quaterniond turn(
        Eigen::Matrix3d(to[0].block<3, 3>(0, 0) * from[0].block<3, 3>(0, 0).transpose()));
    move.rotation = turn.normalized().toRotationMatrix();
    Eigen::Vector3d from_center = Eigen::Vector3d::Zero();
    Eigen::Vector3d to_center = Eigen::Vector3d::Zero();
    const auto count = static_cast<double>(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
        from_center += from[i].block<3, 1>(0, 3) / count;
        to_center += to[i].block<3, 1>(0, 3) / count;
    }
    double from_spread = 0;
    double to_spread = 0;
    for (std::size_t i = 0; i < from.size(); ++i) {
        from_spread += (from[i].block<3, 1>(0, 3) - from_center).norm() / count;
        to_spread += (to[i].block<3, 1>(0, 3) - to_center).norm() / count;
    }
    move.scale = from_spread > 1e-12 && to_spread > 1e-12 ? to_spread / from_spread : 1.0;
    move.translation = to_center - move.scale * (move.rotation * from_center);
    const double extent = std::max(to_spread, 1e-9);
    for (std::size_t i = 0; i < from.size(); ++i) {
        const Eigen::Matrix4d difference = move.moved(from[i]) - to[i];
        const double place = difference.block<3, 1>(0, 3).norm() / extent;
        const double turned = difference.block<3, 3>(0, 0).cwiseAbs().maxCoeff();
        // Also refuses NaN.
        if (!(from_spread <= 1e-12 || place < 1e-3) || !(turned < 1e-2)) {
            return fail(
                "poses",
                fmt::format("camera {} does not fit the similarity of the others (off by {:.3g} of their "
                            "extent, {:.3g} in its axes)",
                            i, place, turned));
        }
    }
    return move;
}

CameraTrack moved(CameraTrack track, const Similarity& move) {
    for (CameraKey& key : track.keys) {
        key.pose.c2w = move.moved(key.pose.c2w);
    }
    return track;
}

}  // namespace lact
