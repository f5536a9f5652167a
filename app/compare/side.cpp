#include "app/compare/side.h"

#include "engine/core/counted.h"
#include "engine/scene/camera.h"
#include "engine/scene/select_views.h"
#include "engine/session/load_scene.h"
#include "engine/ttt/rule_schema.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <ranges>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

Result<std::vector<std::size_t>> inputs_of(const SideSpec& spec, const SideBase& base) {
    const std::size_t count = base.scene->views.size();
    if (spec.view_count) {
        if (*spec.view_count > count) {
            return fail("side, views",
                        fmt::format("{} asked for; {} has {}",
                                    counted(*spec.view_count, "input view is", "input views are"),
                                    base.scene->files.name, count));
        }
        std::vector<InputCandidate> views;
        for (const PreparedView& view : base.scene->views) {
            views.push_back({view.camera.position(), view.test, view.outlying});
        }
        return spread_inputs(views, *spec.view_count);
    }
    const auto& inputs = spec.views ? *spec.views : base.inputs;
    LACT_CHECK(check_inputs(*base.scene, inputs));
    return inputs;
}

Result<std::shared_ptr<const Model>> model_of(const SideSpec& spec, const SideBase& base,
                                              SideModels& models) {
    const Precision precision = spec.precision.value_or(base.model->precision());
    if (!spec.weights && precision == base.model->precision()) {
        return base.model;
    }
    ComputeOptions compute = base.compute;
    compute.precision = precision;
    if (!spec.weights) {
        return models.same_weights(*base.model, compute);
    }
    const std::filesystem::path path = *spec.weights;
    std::error_code missing;
    if (precision == base.model->precision() &&
        std::filesystem::equivalent(path, base.model->path(), missing)) {
        return base.model;
    }
    return models.get(path, compute);
}

UpdateRule rule_of(const SideSpec& spec, const SideBase& base, const Model& model) {
    if (!spec.rule) {
        return spec.weights ? model.trained_rule() : base.rule;
    }
    UpdateRule rule = *spec.rule;
    if (!spec.rule_names_precision) {
        rule.ns_precision = spec.weights ? model.trained_rule().ns_precision : base.rule.ns_precision;
    }
    return rule;
}

SideInfo info_of(const SideSpec& spec, const SidePlan& plan) {
    SideInfo info;
    info.spec = format(spec);
    if (plan.kind != SideKind::model) {
        info.what = info.spec;
        return info;
    }
    const Model& model = *plan.model;
    info.weights = model.info().name.empty() ? model.path().filename().string() : model.info().name;
    info.sha256 = model.sha256();
    info.trained_rule = model.info().trained_rule();
    info.rule = lact::format(plan.rule);
    info.rule_label = rule_label(plan.rule);
    info.by_linear_attention = plan.form == LayerForm::linear;
    info.rule_switched = !same_but_precision(plan.rule, model.trained_rule());
    info.precision = to_string(model.precision());
    info.device = model.device_name();
    info.inputs = plan.inputs;
    info.warning =
        outside_training(model.info(), plan.scene->size, plan.inputs.size(),
                         mean_foreground(plan.scene->chosen(plan.inputs)), origin_of(plan.scene->path));
    return info;
}

double mean_distance(const ViewSet& scene) {
    double sum = 0;
    for (const PreparedView& view : scene.views) {
        sum += view.camera.position().norm();
    }
    return sum;
}

}  // namespace

Result<std::shared_ptr<const Model>> SideModels::get(const std::filesystem::path& path,
                                                     const ComputeOptions& compute) {
    std::erase_if(entries_, [](const Entry& entry) { return entry.model.expired(); });
    std::error_code gone;
    // A training replaces its weights while they are compared.
    const auto written = std::filesystem::last_write_time(path, gone);
    for (const Entry& entry : std::views::reverse(entries_)) {  // The newest is last.
        if (auto known = entry.model.lock(); known && entry.path == path &&
                                             entry.precision == compute.precision &&
                                             (gone || entry.written == written)) {
            return known;
        }
    }
    LACT_TRY(auto model, Model::load(path, compute));
    entries_.push_back({path, model->precision(), written, model});
    return model;
}

Result<std::shared_ptr<const Model>> SideModels::same_weights(const Model& open,
                                                              const ComputeOptions& compute) {
    for (const Entry& entry : entries_) {
        if (auto known = entry.model.lock();
            known && entry.precision == compute.precision && known->sha256() == open.sha256()) {
            return known;
        }
    }
    LACT_TRY(auto model, get(open.path(), compute));
    LACT_CHECK(check_same_weights(*model, open, "side, precision",
                                  "Open it again: both sides have its new weights then."));
    return model;
}

Result<std::shared_ptr<const ViewSet>> SideModels::scene(const Model& model, const SideBase& base) {
    const Size size = base.scene->size;
    if (!model.config().takes(size)) {
        return fail(
            "side, weights",
            fmt::format("{} works on patches of {} pixels, which do not divide {}x{}",
                        model.path().filename().string(), model.config().patch, size.width, size.height),
            "Both sides are compared at one size: choose one that both patches divide.");
    }
    const double radius = camera_radius(model.info());
    std::erase_if(scenes_, [](const Placed& one) { return one.set.expired(); });
    for (const Placed& one : scenes_) {
        if (auto known = one.set.lock(); known && one.base.lock() == base.scene && known->radius == radius) {
            return known;
        }
    }
    auto placed = with_radius(base.scene, radius);
    if (placed != base.scene) {
        scenes_.push_back({base.scene, placed});
    }
    return placed;
}

std::string why_no_ground_truth(const std::optional<GenerationSpec>& origin, const std::string& scene,
                                Size size) {
    if (!origin) {
        return fmt::format("the ground truth of {} is not known: it was not generated", scene);
    }
    if (origin->family->kind != WorldKind::object) {
        return fmt::format(
            "the ground truth of {} cannot be drawn from new cameras: it is a world of the scene family, "
            "whose poses were normalized",
            scene);
    }
    if (size.width != size.height) {
        return fmt::format("the ground truth is only drawn for square images, and these are {}x{}",
                           size.width, size.height);
    }
    return {};
}

Result<SidePlan> plan_side(const SideSpec& spec, const SideBase& base, SideModels& models) {
    SidePlan plan;
    plan.kind = spec.kind;
    plan.scene = base.scene;
    if (spec.kind == SideKind::captured) {
        plan.captured = base.captured;
    }
    if (spec.kind == SideKind::ground_truth) {
        const auto why =
            why_no_ground_truth(origin_of(base.scene->path), base.scene->files.name, base.scene->size);
        if (!why.empty()) {
            return fail("side", why,
                        "Use its photos, or generate a scene (lactscope generate, Scene > Generate).");
        }
    }
    if (spec.kind == SideKind::model) {
        LACT_TRY(plan.model, model_of(spec, base, models));
        LACT_TRY(plan.scene, models.scene(*plan.model, base));
        LACT_TRY(plan.inputs, inputs_of(spec, base));
        plan.rule = rule_of(spec, base, *plan.model);
        plan.form = spec.form.value_or(LayerForm::ttt);
    }
    return plan;
}

FileCameras FileCameras::of(const ViewSet& scene) {
    FileCameras cameras;
    if (scene.normalization.normalization == Normalization::none) {
        return cameras;
    }
    const auto pose_in_files = [&](const PreparedView& view) -> const Eigen::Matrix4d& {
        return scene.files.views[view.index].camera.c2w;
    };
    const PreparedView& first = scene.views.front();
    const Eigen::Matrix4d& in_files = pose_in_files(first);
    cameras.rotation = in_files.block<3, 3>(0, 0) * first.camera.c2w.block<3, 3>(0, 0).transpose();
    cameras.opened = first.camera.position();
    cameras.file = in_files.block<3, 1>(0, 3);
    double farthest = 0;
    for (const PreparedView& view : scene.views) {
        const double distance = (view.camera.position() - cameras.opened).norm();
        if (distance > farthest) {
            farthest = distance;
            cameras.scale = (pose_in_files(view).block<3, 1>(0, 3) - cameras.file).norm() / distance;
        }
    }
    return cameras;
}

Camera FileCameras::camera(const Camera& opened_camera) const {
    Camera camera = opened_camera;
    camera.c2w.block<3, 3>(0, 0) = rotation * opened_camera.c2w.block<3, 3>(0, 0);
    camera.c2w.block<3, 1>(0, 3) = file + scale * (rotation * (opened_camera.position() - opened));
    return camera;
}

ComparedSide::ComparedSide(SidePlan plan, SideInfo info, std::shared_ptr<const ViewSet> base_scene)
    : plan_(std::move(plan)), info_(std::move(info)), base_scene_(std::move(base_scene)) {
    if (plan_.scene != base_scene_) {
        scale_ = mean_distance(*plan_.scene) / mean_distance(*base_scene_);
    }
}

Result<ComparedSide> ComparedSide::of(const SideSpec& spec, SidePlan plan, const SideBase& base,
                                      const Job& job) {
    SideInfo info = info_of(spec, plan);
    ComparedSide side(std::move(plan), std::move(info), base.scene);
    side.scene_sequence_ = base.scene_sequence;
    if (side.plan_.kind == SideKind::ground_truth) {
        side.ground_truth_cameras_ = FileCameras::of(*base.scene);
        LACT_TRY(side.ground_truth_, GroundTruth::of(*origin_of(base.scene->path)));
    }
    if (side.plan_.kind != SideKind::model) {
        return side;
    }
    side.rebase(base);
    if (side.is_base_) {
        side.session_ = base.session->snapshot();
        return side;
    }
    side.session_.emplace(side.plan_.model);
    const auto inputs = side.plan_.scene->chosen(side.plan_.inputs);
    const auto layers = static_cast<std::size_t>(side.plan_.model->config().layers);
    LACT_CHECK(
        side.session_->set_up(inputs, side.plan_.rule, job, {{}, LayerForms(layers, side.plan_.form)}));
    return side;
}

void ComparedSide::rebase(const SideBase& base) {
    is_base_ = plan_.kind == SideKind::model && base.session != nullptr && base.session->ready() &&
               plan_.model == base.model && plan_.scene == base.scene && plan_.inputs == base.inputs &&
               plan_.rule == base.session->rule() && plan_.form == LayerForm::ttt;
}

std::optional<std::size_t> view_at(const ViewSet& scene, const Camera& camera) {
    for (const PreparedView& view : scene.views) {
        if (coincide(camera, view.camera)) {
            return view.index;
        }
    }
    return std::nullopt;
}

Result<SideImage> ComparedSide::render(const Camera& camera, const Job& job) {
    switch (plan_.kind) {
        case SideKind::photo:
            return photo(view_at(*base_scene_, camera));
        case SideKind::ground_truth:
            return drawn(camera);
        case SideKind::captured:
            return kept(camera);
        case SideKind::model:
            break;
    }
    Camera own = camera;
    own.c2w.block<3, 1>(0, 3) *= scale_;
    return rendered(own, job);
}

Result<SideImage> ComparedSide::render_view(std::size_t view, const Job& job) {
    if (plan_.kind == SideKind::photo) {
        return photo(view);
    }
    if (plan_.kind == SideKind::model) {
        return rendered(plan_.scene->view(view).camera, job);
    }
    return render(base_scene_->view(view).camera, job);
}

Result<SideImage> ComparedSide::rendered(const Camera& camera, const Job& job) {
    LACT_TRY(Frame frame, session_->render(camera, job));
    return SideImage{
        std::make_shared<const ImageF>(std::move(frame.image)), info_.label(), {}, frame.milliseconds};
}

SideImage ComparedSide::photo(std::optional<std::size_t> view) const {
    if (!view) {
        return {nullptr, "photo", "No photo was taken from here.", 0, /*elsewhere=*/true};
    }
    return {base_scene_->view(*view).image, fmt::format("photo {}", *view), {}, 0};
}

SideImage ComparedSide::kept(const Camera& camera) const {
    if (!plan_.captured) {
        return {nullptr, info_.label(), "No image is frozen yet: press K.", 0};
    }
    const Captured& captured = *plan_.captured;
    std::string label = "frozen: " + captured.label;
    if (captured.scene != scene_sequence_) {
        return {nullptr, std::move(label),
                fmt::format("The frozen image is of another scene, {}: freeze one of this scene (K).",
                            captured.scene_name),
                0};
    }
    const Camera& its = captured.frame->camera;
    if (its.width != camera.width || its.height != camera.height) {
        return {nullptr, std::move(label),
                fmt::format("The frozen image is {}x{}, and images are {}x{} now: freeze one at this size "
                            "(K), or go back to the other size.",
                            its.width, its.height, camera.width, camera.height),
                0};
    }
    if (!coincide(camera, its)) {
        return {nullptr, std::move(label), "The frozen image is of another camera.", 0,
                /*elsewhere=*/true};
    }
    return {std::shared_ptr<const ImageF>(captured.frame, &captured.frame->image), std::move(label), {}, 0};
}

Result<SideImage> ComparedSide::drawn(const Camera& camera) const {
    const auto began = std::chrono::steady_clock::now();
    LACT_TRY(ImageF image, ground_truth_->image(ground_truth_cameras_.camera(camera)));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    return SideImage{std::make_shared<const ImageF>(std::move(image)), info_.label(), {}, took.count()};
}

}  // namespace lact::app
