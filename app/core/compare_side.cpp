#include "app/core/compare_side.h"

#include "app/core/navigation.h"
#include "engine/scene/select_views.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace lact::app {
namespace {

Result<std::vector<std::size_t>> inputs_of(const SideSpec& spec, const SideBase& base) {
    const std::size_t count = base.scene->views->size();
    if (spec.view_count) {
        if (*spec.view_count > count) {
            return fail("side, views", fmt::format("{} input views are asked for; {} has {}",
                                                   *spec.view_count, base.scene->name, count));
        }
        std::vector<InputCandidate> views;
        for (const PreparedView& view : *base.scene->views) {
            views.push_back({view.camera.position(), view.test});
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
    const std::filesystem::path path =
        spec.weights ? std::filesystem::path(*spec.weights) : base.model->path();
    std::error_code missing;
    if (precision == base.model->precision() &&
        std::filesystem::equivalent(path, base.model->path(), missing)) {
        return base.model;
    }
    return models.get(path, compute);
}

/// The scene as this model is given it: other weights may want the cameras at another distance.
Result<std::shared_ptr<const PreparedScene>> scene_of(const Model& model, const SideBase& base,
                                                      const Job& job) {
    const int patch = model.config().patch;
    const Size size = base.scene->size;
    if (size.width % patch != 0 || size.height % patch != 0) {
        return fail("side, weights",
                    fmt::format("{} works on patches of {} pixels, which do not divide {}x{}",
                                model.path().filename().string(), patch, size.width, size.height),
                    "Both sides are compared at one size: choose one that both patches divide.");
    }
    const bool same = base.scene->normalization.normalization != Normalization::object ||
                      base.scene->train_radius == model.info().train_radius;
    if (same) {
        return base.scene;
    }
    const Opening<SceneRequest> opening{base.scene->request, base.scene->opening};
    return prepare_scene(opening, size, model.config(), model.info(), job);
}

UpdateRule rule_of(const SideSpec& spec, const SideBase& base, const Model& model) {
    if (!spec.rule) {
        return spec.weights ? model.trained_rule() : base.rule;
    }
    UpdateRule rule = *spec.rule;
    if (!spec.rule_names_precision) {
        rule.ns_precision = model.trained_rule().ns_precision;
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
    info.rule_switched = !same_but_precision(plan.rule, model.trained_rule());
    info.precision = to_string(model.precision());
    info.device = model.device_name();
    info.inputs = plan.inputs;
    return info;
}

double mean_distance(const PreparedScene& scene) {
    double sum = 0;
    for (const PreparedView& view : *scene.views) {
        sum += view.camera.position().norm();
    }
    return sum;
}

}  // namespace

Result<std::shared_ptr<const Model>> SideModels::get(const std::filesystem::path& path,
                                                     const ComputeOptions& compute) {
    std::erase_if(entries_, [](const Entry& entry) { return entry.model.expired(); });
    for (const Entry& entry : entries_) {
        if (auto known = entry.model.lock();
            known && entry.path == path && entry.precision == compute.precision) {
            return known;
        }
    }
    LACT_TRY(auto model, Model::load(path, compute));
    entries_.push_back({path, compute.precision, model});
    return model;
}

Result<SidePlan> plan_side(const SideSpec& spec, const SideBase& base, SideModels& models, const Job& job) {
    SidePlan plan;
    plan.kind = spec.kind;
    plan.scene = base.scene;
    if (spec.kind == SideKind::captured) {
        if (!base.captured) {
            return fail("side", "no picture was kept", "Keep one first: Compare > Keep this picture as B.");
        }
        plan.captured = base.captured;
    }
    if (spec.kind == SideKind::truth && !origin_of(base.scene->request.path)) {
        return fail("side",
                    fmt::format("the truth of {} is not known: it was not generated", base.scene->name),
                    "Use its photos, or generate a scene (lactscope generate, Scene > Generate).");
    }
    if (spec.kind == SideKind::model) {
        LACT_TRY(plan.model, model_of(spec, base, models));
        LACT_TRY(plan.scene, scene_of(*plan.model, base, job));
        LACT_TRY(plan.inputs, inputs_of(spec, base));
        plan.rule = rule_of(spec, base, *plan.model);
    }
    return plan;
}

ComparedSide::ComparedSide(SidePlan plan, SideInfo info, std::shared_ptr<const PreparedScene> base_scene)
    : plan_(std::move(plan)), info_(std::move(info)), base_scene_(std::move(base_scene)) {
    if (plan_.scene != base_scene_) {
        scale_ = mean_distance(*plan_.scene) / mean_distance(*base_scene_);
    }
}

Result<ComparedSide> ComparedSide::of(const SideSpec& spec, SidePlan plan, const SideBase& base,
                                      const Job& job) {
    SideInfo info = info_of(spec, plan);
    ComparedSide side(std::move(plan), std::move(info), base.scene);
    if (side.plan_.kind == SideKind::truth) {
        LACT_TRY(side.truth_, GroundTruth::of(*origin_of(base.scene->request.path)));
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
    LACT_CHECK(side.session_->set_up(inputs, side.plan_.rule, job));
    return side;
}

void ComparedSide::rebase(const SideBase& base) {
    is_base_ = plan_.kind == SideKind::model && base.session != nullptr && base.session->ready() &&
               plan_.model == base.model && plan_.scene == base.scene && plan_.inputs == base.inputs &&
               plan_.rule == base.session->rule();
}

std::optional<std::size_t> view_at(const PreparedScene& scene, const Camera& camera) {
    for (const PreparedView& view : *scene.views) {
        if (sits_on(camera, view.camera)) {
            return view.index;
        }
    }
    return std::nullopt;
}

Result<SidePicture> ComparedSide::look(const Camera& camera, const Job& job) {
    switch (plan_.kind) {
        case SideKind::photo:
            return photo(view_at(*base_scene_, camera));
        case SideKind::truth:
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

Result<SidePicture> ComparedSide::look_from_view(std::size_t view, const Job& job) {
    if (plan_.kind == SideKind::photo) {
        return photo(view);
    }
    if (plan_.kind == SideKind::model) {
        return rendered((*plan_.scene->views)[view].camera, job);
    }
    return look((*base_scene_->views)[view].camera, job);
}

Result<SidePicture> ComparedSide::rendered(const Camera& camera, const Job& job) {
    LACT_TRY(Frame frame, session_->render(camera, job));
    return SidePicture{
        std::make_shared<const ImageF>(std::move(frame.image)), info_.label(), {}, frame.milliseconds};
}

SidePicture ComparedSide::photo(std::optional<std::size_t> view) const {
    if (!view) {
        return {nullptr, "photo", "No photo was taken from here.", 0};
    }
    const PreparedView& found = (*base_scene_->views)[*view];
    return {std::shared_ptr<const ImageF>(base_scene_->views, &found.image),
            fmt::format("photo {}", *view),
            {},
            0};
}

SidePicture ComparedSide::kept(const Camera& camera) const {
    const Captured& captured = *plan_.captured;
    std::string label = "kept: " + captured.label;
    if (!sits_on(camera, captured.frame->camera)) {
        return {nullptr, std::move(label), "The kept picture was taken from elsewhere.", 0};
    }
    return {std::shared_ptr<const ImageF>(captured.frame, &captured.frame->image), std::move(label), {}, 0};
}

Result<SidePicture> ComparedSide::drawn(const Camera& camera) const {
    const auto began = std::chrono::steady_clock::now();
    LACT_TRY(ImageF picture, truth_->picture(camera));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    return SidePicture{std::make_shared<const ImageF>(std::move(picture)), info_.label(), {}, took.count()};
}

}  // namespace lact::app
