#include "engine/procedural/scene_poses.h"

#include "engine/scene/normalize.h"

namespace lact {
namespace {

/// Mean camera distance that weights are taken to be trained with where they do not say.
constexpr double object_radius = 2.66;

}  // namespace

Camera moved(Camera camera, const Similarity& move) {
    const Eigen::Matrix3d axes = move.rotation * camera.c2w.topLeftCorner<3, 3>();
    const Eigen::Vector3d position = move(camera.position());
    camera.c2w.topLeftCorner<3, 3>() = axes;
    camera.c2w.block<3, 1>(0, 3) = position;
    return camera;
}

Similarity normalization_of(std::span<const Camera> rig) {
    Scene capture;
    capture.format = "generated";
    for (const Camera& camera : rig) {
        SceneView view;
        view.camera = camera;
        capture.views.push_back(view);
    }
    normalize(capture, Normalization::automatic, object_radius);
    const Camera& before = rig.front();
    const Camera& after = capture.views.front().camera;
    Similarity similarity;
    similarity.rotation = after.c2w.topLeftCorner<3, 3>() * before.c2w.topLeftCorner<3, 3>().transpose();
    // The camera farthest from the first tells the scale best.
    double farthest = 0;
    for (std::size_t i = 1; i < rig.size(); ++i) {
        const double distance = (rig[i].position() - before.position()).norm();
        if (distance > farthest) {
            farthest = distance;
            similarity.scale = (capture.views[i].camera.position() - after.position()).norm() / distance;
        }
    }
    similarity.translation = after.position() - similarity.scale * (similarity.rotation * before.position());
    return similarity;
}

}  // namespace lact
