#pragma once

#include "app/compare/compare_table.h"
#include "app/compare/side_spec.h"
#include "engine/procedural/ground_truth.h"
#include "engine/scene/view_set.h"
#include "engine/session/session.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Core>

namespace lact::app {

/// A rendering that was kept to compare with.
struct Captured {
    std::shared_ptr<const Frame> frame;
    std::string label;        ///< Scene, weights, rule, precision, inputs and size that made it.
    std::uint64_t scene = 0;  ///< SceneSummary::sequence. In another scene it has no image.
    std::string scene_name;
};

/// The open model and scene, to which sides are relative.
struct SideBase {
    std::shared_ptr<const Model> model;
    std::shared_ptr<const ViewSet> scene;  ///< All views of the scene.
    std::uint64_t scene_sequence = 0;      ///< SceneSummary::sequence.
    std::vector<std::size_t> inputs;
    UpdateRule rule;
    const Session* session = nullptr;  ///< Its state, where it is built: a side that equals it shares it.
    ComputeOptions compute;
    std::shared_ptr<const Captured> captured;
};

/// The inputs that determine the images of a side. Equal plans give equal images.
struct SidePlan {
    SideKind kind = SideKind::model;
    std::shared_ptr<const Model> model;    ///< Only for a model.
    std::shared_ptr<const ViewSet> scene;  ///< Normalized for that model.
    std::vector<std::size_t> inputs;
    UpdateRule rule;
    LayerForm form = LayerForm::ttt;  ///< Of all TTT layers.
    std::shared_ptr<const Captured> captured;
    friend bool operator==(const SidePlan&, const SidePlan&) = default;
};

/// Caches the weights that sides have loaded and the scenes normalized for them, as long as a side uses them.
class SideModels {
  public:
    /// What the file holds now. Errors: those of Model::load.
    [[nodiscard]] Result<std::shared_ptr<const Model>> get(const std::filesystem::path& path,
                                                           const ComputeOptions& compute);
    /// The weights of `open` in another precision. Errors: those of Model::load; its file holds other weights
    /// by now.
    [[nodiscard]] Result<std::shared_ptr<const Model>> same_weights(const Model& open,
                                                                    const ComputeOptions& compute);
    /// The scene of the base, normalized for this model; the same one while it is in use. Error: the patch
    /// does not divide its size.
    [[nodiscard]] Result<std::shared_ptr<const ViewSet>> scene(const Model& model, const SideBase& base);

  private:
    struct Entry {
        std::filesystem::path path;
        Precision precision = Precision::fp32;
        std::filesystem::file_time_type written;  ///< When the file was, as it was read.
        std::weak_ptr<const Model> model;
    };
    std::vector<Entry> entries_;
    /// A base scene, normalized for other weights.
    struct Placed {
        std::weak_ptr<const ViewSet> base;
        std::weak_ptr<const ViewSet> set;
    };
    std::vector<Placed> scenes_;
};

/// Why the ground truth of a scene cannot be drawn from any camera; empty where it can.
[[nodiscard]] std::string why_no_ground_truth(const std::optional<GenerationSpec>& origin,
                                              const std::string& scene, Size size);

/// Resolves a side against what is open: loads other weights and places the photos for them. Other weights
/// bring the rule they were trained with, unless the side names one. Errors: those of loading; views that are
/// not in the scene; an unknown ground truth. A missing kept rendering is no error.
[[nodiscard]] Result<SidePlan> plan_side(const SideSpec& spec, const SideBase& base, SideModels& models);

/// Maps cameras of an opened scene to those of its files: the inverse of the normalization.
struct FileCameras {
    Eigen::Matrix3d rotation = Eigen::Matrix3d::Identity();
    Eigen::Vector3d opened = Eigen::Vector3d::Zero();  ///< A point in the opened scene, and the same point
    Eigen::Vector3d file = Eigen::Vector3d::Zero();    ///< in the files.
    double scale = 1;

    [[nodiscard]] static FileCameras of(const ViewSet& scene);
    [[nodiscard]] Camera camera(const Camera& opened_camera) const;
};

/// One side of a comparison, ready to render. Not thread-safe.
class ComparedSide {
  public:
    /// Builds its state (a set-up), unless that of `base` is the same. Errors: those of Session::set_up.
    [[nodiscard]] static Result<ComparedSide> of(const SideSpec& spec, SidePlan plan, const SideBase& base,
                                                 const Job& job);

    /// From a camera of the base scene. Errors: those of Session::render.
    [[nodiscard]] Result<SideImage> render(const Camera& camera, const Job& job);
    /// From the camera of a view, exactly.
    [[nodiscard]] Result<SideImage> render_view(std::size_t view, const Job& job);

    [[nodiscard]] const SidePlan& plan() const { return plan_; }
    [[nodiscard]] const SideInfo& info() const { return info_; }
    /// Whether it shares the state of the base: a frame of the base is then an image of this side.
    [[nodiscard]] bool is_base() const { return is_base_; }
    /// To be called when the base has another state.
    void rebase(const SideBase& base);

  private:
    ComparedSide(SidePlan plan, SideInfo info, std::shared_ptr<const ViewSet> base_scene);
    [[nodiscard]] Result<SideImage> rendered(const Camera& camera, const Job& job);
    [[nodiscard]] SideImage photo(std::optional<std::size_t> view) const;
    [[nodiscard]] SideImage kept(const Camera& camera) const;
    [[nodiscard]] Result<SideImage> drawn(const Camera& camera) const;

    SidePlan plan_;
    SideInfo info_;
    std::shared_ptr<const ViewSet> base_scene_;
    double scale_ = 1;  ///< From positions in the base scene to those in its own.
    std::optional<Session> session_;
    std::optional<GroundTruth> ground_truth_;
    FileCameras ground_truth_cameras_;
    std::uint64_t scene_sequence_ = 0;
    bool is_base_ = false;
};

/// The view with this camera.
[[nodiscard]] std::optional<std::size_t> view_at(const ViewSet& scene, const Camera& camera);

}  // namespace lact::app
