#pragma once

#include "app/core/compared.h"
#include "app/core/prepared_scene.h"
#include "app/core/side_spec.h"
#include "engine/procedural/ground_truth.h"
#include "engine/session/session.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lact::app {

/// A picture that was kept to be compared with.
struct Captured {
    std::shared_ptr<const Frame> frame;
    std::string label;  ///< What made it.
};

/// What is open: sides are relative to it.
struct SideBase {
    std::shared_ptr<const Model> model;
    std::shared_ptr<const PreparedScene> scene;
    std::vector<std::size_t> inputs;
    UpdateRule rule;
    const Session* session = nullptr;  ///< Its state, where it is built: a side that equals it shares it.
    ComputeOptions compute;
    std::shared_ptr<const Captured> captured;
};

/// Everything that decides what a side shows. Two equal ones show the same.
struct SidePlan {
    SideKind kind = SideKind::model;
    std::shared_ptr<const Model> model;          ///< Of a model.
    std::shared_ptr<const PreparedScene> scene;  ///< Normalised for that model.
    std::vector<std::size_t> inputs;
    UpdateRule rule;
    std::shared_ptr<const Captured> captured;
    friend bool operator==(const SidePlan&, const SidePlan&) = default;
};

/// Weights that sides have loaded, as long as any of them uses them.
class SideModels {
  public:
    /// Errors: those of Model::load.
    [[nodiscard]] Result<std::shared_ptr<const Model>> get(const std::filesystem::path& path,
                                                           const ComputeOptions& compute);

  private:
    struct Entry {
        std::filesystem::path path;
        Precision precision = Precision::fp32;
        std::weak_ptr<const Model> model;
    };
    std::vector<Entry> entries_;
};

/// What the side of this text is, over what is open: loads weights and prepares photos where they are others.
/// Other weights bring the rule they were trained with unless the side names one. Errors: those of loading;
/// views that are not in the scene; a truth that is not known; no kept picture.
[[nodiscard]] Result<SidePlan> plan_side(const SideSpec& spec, const SideBase& base, SideModels& models,
                                         const Job& job);

/// One side of a comparison, ready to be looked at. One thread at a time.
class ComparedSide {
  public:
    /// Builds its state (a set-up), unless that of `base` is the same. Errors: those of Session::set_up.
    [[nodiscard]] static Result<ComparedSide> of(const SideSpec& spec, SidePlan plan, const SideBase& base,
                                                 const Job& job);

    /// From a camera of the base scene. Errors: those of Session::render.
    [[nodiscard]] Result<SidePicture> look(const Camera& camera, const Job& job);
    /// From the camera of a view, exactly.
    [[nodiscard]] Result<SidePicture> look_from_view(std::size_t view, const Job& job);

    [[nodiscard]] const SidePlan& plan() const { return plan_; }
    [[nodiscard]] const SideInfo& info() const { return info_; }
    /// It shares the state of the base: whoever has a frame of that need not ask for a picture.
    [[nodiscard]] bool is_base() const { return is_base_; }
    /// The base has another state now.
    void rebase(const SideBase& base);

  private:
    ComparedSide(SidePlan plan, SideInfo info, std::shared_ptr<const PreparedScene> base_scene);
    [[nodiscard]] Result<SidePicture> rendered(const Camera& camera, const Job& job);
    [[nodiscard]] SidePicture photo(std::optional<std::size_t> view) const;
    [[nodiscard]] SidePicture kept(const Camera& camera) const;
    [[nodiscard]] Result<SidePicture> drawn(const Camera& camera) const;

    SidePlan plan_;
    SideInfo info_;
    std::shared_ptr<const PreparedScene> base_scene_;
    double scale_ = 1;  ///< From positions in the base scene to those in its own.
    std::optional<Session> session_;
    std::optional<GroundTruth> truth_;
    bool is_base_ = false;
};

/// The view whose camera this is.
[[nodiscard]] std::optional<std::size_t> view_at(const PreparedScene& scene, const Camera& camera);

}  // namespace lact::app
