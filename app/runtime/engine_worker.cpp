#include "app/runtime/engine_worker.h"

#include "engine/core/printable.h"
#include "engine/procedural/ground_truth.h"
#include "engine/scene/camera.h"
#include "engine/session/memory.h"
#include "engine/session/scene_header.h"
#include "engine/ttt/rule_schema.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace lact::app {

namespace {

WeightsSummary summarize(const Model& model) {
    WeightsSummary summary;
    summary.path = model.path();
    summary.name =
        printable_line(model.info().name.empty() ? model.path().filename().string() : model.info().name);
    summary.sha256 = model.sha256();
    summary.device = model.device_name();
    summary.precision = model.precision();
    summary.parameters = model.parameters();
    summary.config = model.config();
    summary.info = model.info();
    summary.trained_rule = model.trained_rule();
    summary.trained_rule_text = model.info().trained_rule();
    summary.trained_rule_label =
        rule_label(model.trained_rule()) + (model.info().rule_assumed ? " (assumed)" : "");
    summary.sizes = offered_sizes(model.config(), model.info());
    return summary;
}

SizeTraining training_of(const WeightsInfo& info, Size size) {
    if (info.trained_sizes.empty()) {
        return SizeTraining::unknown;
    }
    const bool trained =
        std::any_of(info.trained_sizes.begin(), info.trained_sizes.end(), [&](const auto& one) {
            return Size{one[0], one[1]} == size;
        });
    return trained ? SizeTraining::trained : SizeTraining::untrained;
}

template <class T>
tl::unexpected<SetUpError> failed(const Result<T>& result, SetUpStage stage) {
    return tl::unexpected<SetUpError>({result.error(), stage});
}

}  // namespace

Result<std::shared_ptr<const Model>> EngineWorker::model_for(const EngineRequests& requests, const Job& job) {
    if (!requests.weights) {
        return model_;
    }
    if (!spare_model_ || spare_model_->sequence != requests.weights->sequence) {
        LACT_TRY(auto model, Model::load(requests.weights->value, compute_));
        if (const auto remark = precision_remark(model->precision(), model->device_name()); !remark.empty()) {
            job.say(remark);
        }
        spare_model_ = {std::move(model), requests.weights->sequence};
    }
    return spare_model_->value;
}

Result<EngineWorker::OpenScene> EngineWorker::scene_for(const EngineRequests& requests, const Model& model,
                                                        const Job& job) {
    const auto& opening = requests.scene ? *requests.scene : open_.opening;
    const bool keep_size = open_.set && !requests.weights;
    const Size size = requests.size.value_or(keep_size ? open_.set->size : default_size(model.info()));
    LACT_CHECK(check_size(model.config(), size));
    for (const OpenScene* known : {&open_, &spare_scene_}) {
        if (known->set && known->opening.sequence == opening.sequence && known->set->size == size) {
            return OpenScene{known->opening, with_radius(known->set, camera_radius(model.info())),
                             known->inputs, known->about_inputs};
        }
    }
    std::error_code problem;
    if (requests.generate && !std::filesystem::exists(opening.value.path, problem)) {
        job.progress("Generating", 0);
        LACT_CHECK(generate_scene_folder(*requests.generate, opening.value.path, job));
    }
    LACT_TRY(spare_scene_, read_and_decode(opening, requests.inputs, size, model, job));
    return spare_scene_;
}

Result<EngineWorker::OpenScene> EngineWorker::read_and_decode(const Opening<SceneRequest>& opening,
                                                              const std::optional<InputChoice>& choice,
                                                              Size size, const Model& model, const Job& job) {
    SceneRequest request = opening.value;
    request.size = size;
    request.targets.reset();  // All that are not inputs: together with these, every view.
    const bool known = open_.set && open_.opening.sequence == opening.sequence;
    LACT_TRY(SceneFiles files, known ? Result<SceneFiles>(open_.set->files) : read_scene(request.path));
    SceneRequest needed = request;  // With the inputs that the state will have.
    if (choice && choice->scene.value_or(opening.sequence) == opening.sequence) {
        needed.inputs = choice->views;
    } else if (known) {
        needed.inputs = inputs_;
    }
    LACT_CHECK(check_memory_for(files, needed, model, job));
    LACT_TRY(LoadedScene loaded, load_scene(std::move(files), request, model.config(), model.info(), job));
    return OpenScene{opening, std::move(loaded.set), std::move(loaded.inputs),
                     std::move(loaded.about_inputs)};
}

/// Before a photo is decoded. The request names a size.
Result<void> EngineWorker::check_memory_for(const SceneFiles& files, const SceneRequest& request,
                                            const Model& model, const Job& job) {
    const MemoryBudget budget{compute_.memory > 0 ? compute_.memory : available_cpu_bytes(), model.on_cpu(),
                              value_bytes(model.precision())};
    const SceneHeader probe = probe_scene(files, request, model.config(), *request.size, budget);
    job.say(probe.name + ": " + probe.sentence());
    if (!probe.fits()) {
        offer_ = std::make_shared<const MemoryOffer>(MemoryOffer{request, probe});
    }
    return probe.check();
}

tl::expected<void, SetUpError> EngineWorker::load(const EngineRequests& requests, const Job& job) {
    const auto model = model_for(requests, job);
    if (!model) {
        return failed(model, SetUpStage::weights);
    }
    if (requests.scene) {
        offer_.reset();
    }
    if (requests.scene || open_.set) {
        if (const auto scene = scene_for(requests, **model, job); !scene) {
            return failed(scene, SetUpStage::scene);
        }
    }
    return {};
}

void EngineWorker::forget_loaded() {
    spare_model_.reset();
    spare_scene_ = {};
}

tl::expected<bool, SetUpError> EngineWorker::set_up(EngineRequests& requests, const Job& job) {
    const auto model = model_for(requests, job);
    if (!model) {
        return failed(model, SetUpStage::weights);
    }
    if (!requests.scene && !open_.set) {
        commit_weights(*model);
        requests.weights.reset();
        return true;
    }
    const auto scene = scene_for(requests, **model, job);
    if (!scene) {
        return failed(scene, SetUpStage::scene);
    }
    Plan plan{*model, *scene, requests.scene ? scene->inputs : inputs_,
              requests.weights || !session_ ? (*model)->trained_rule() : session_->rule()};
    // Chosen while a scene is loading, they may be those of the scene before.
    const std::uint64_t sequence = scene->opening.sequence;
    if (requests.inputs && requests.inputs->scene.value_or(sequence) == sequence) {
        plan.inputs = requests.inputs->views;
    }
    if (requests.rule) {
        plan.rule = *requests.rule;
    }
    if (const auto checked = check_inputs(*plan.scene.set, plan.inputs); !checked) {
        return failed(checked, SetUpStage::inputs);
    }
    const auto changed = enter_state(plan, job);
    if (!changed) {
        return failed(changed, SetUpStage::state);
    }
    requests = {};
    return *changed;
}

Result<bool> EngineWorker::enter_state(const Plan& plan, const Job& job) {
    const bool same_model = session_ && plan.model == model_;
    if (same_model && session_->ready() && plan.scene.set == open_.set && plan.inputs == inputs_ &&
        plan.rule == session_->rule()) {
        return false;
    }
    std::optional<Session> fresh;
    if (!same_model) {
        fresh.emplace(plan.model);
    }
    Session& session = fresh ? *fresh : *session_;
    const auto inputs = plan.scene.set->chosen(plan.inputs);
    LACT_TRY(const double milliseconds, session.set_up(inputs, plan.rule, job));
    // From here on nothing fails.
    query_service_.reset();
    if (fresh) {
        commit_weights(plan.model);
        session_ = std::move(fresh);
    }
    commit_scene(plan);
    StateSummary state;
    state.generation = ++generation_;
    state.rule = plan.rule;
    state.rule_text = format(plan.rule);
    state.rule_switched = session_->rule_switched();
    state.set_up_ms = milliseconds;
    state.input_views = plan.inputs.size();
    state.memory_bytes = set_up_bytes(plan.model->config(), plan.inputs.size(), plan.scene.set->size,
                                      set_up_work({}, plan.rule, plan.model->precision()));
    state_ = std::make_shared<const StateSummary>(std::move(state));
    return true;
}

void EngineWorker::commit_weights(const std::shared_ptr<const Model>& model) {
    model_ = model;
    weights_ = std::make_shared<const WeightsSummary>(summarize(*model));
    spare_model_.reset();
}

void EngineWorker::commit_scene(const Plan& plan) {
    const ViewSet& set = *plan.scene.set;
    SceneSummary summary;
    summary.sequence = plan.scene.opening.sequence;
    summary.path = set.path;
    summary.name = set.files.name;
    summary.format = set.files.format;
    summary.origin = origin_of(set.path);
    summary.normalization = to_string(set.normalization.normalization);
    summary.folder = set.files.folder;
    summary.normalization_reason = set.normalization.reason;
    summary.size = set.size;
    summary.training = training_of(plan.model->info(), set.size);
    summary.views = scene_ && open_.set == plan.scene.set ? scene_->views : summarize(set);
    for (ViewSummary& view : summary.views) {
        view.is_input = std::ranges::find(plan.inputs, view.index) != plan.inputs.end();
    }
    summary.inputs = plan.inputs;
    summary.remarks = set.remarks;
    if (plan.inputs == plan.scene.inputs) {
        std::ranges::copy(plan.scene.about_inputs, std::back_inserter(summary.remarks));
    }
    if (auto warning = outside_training(plan.model->info(), set.size, plan.inputs.size(),
                                        mean_foreground(set.chosen(plan.inputs)), summary.origin);
        !warning.empty()) {
        summary.remarks.push_back({RemarkKind::training, {}, std::move(warning)});
    }
    scene_ = std::make_shared<const SceneSummary>(std::move(summary));
    open_ = plan.scene;
    inputs_ = plan.inputs;
    spare_scene_ = {};
}

Camera EngineWorker::fitted(const Camera& camera) const {
    const bool fits = model_->config().takes(camera.size());
    return fits || !open_.set ? camera : make_camera(camera.c2w, lens_of(camera), open_.set->size);
}

Result<Frame> EngineWorker::render(const Camera& camera, const Job& job) {
    LACT_TRY(Frame frame, session_->render(camera, job));
    frame.generation = generation_;
    return frame;
}

ExperimentInput EngineWorker::experiment_input(const Camera& camera) const {
    return {session_->snapshot(),
            open_.set,
            inputs_,
            scene_->measured(),
            make_camera(camera.c2w, lens_of(camera), open_.set->size),
            compute_};
}

Result<void> EngineWorker::set_sides(const CompareRequest& request, const Job& job) {
    SideBase base;
    base.model = model_;
    base.scene = open_.set;
    base.scene_sequence = open_.opening.sequence;
    base.inputs = inputs_;
    base.rule = session_->rule();
    base.session = &*session_;
    base.compute = compute_;
    return comparison_.set(request, base, job);
}

bool EngineWorker::has_matrix(const MatrixKey& key) const {
    const ModelConfig& config = model_->config();
    return key.layer >= 0 && key.layer < config.layers && key.head >= 0 && key.head < config.ttt_heads();
}

Result<Matrix> EngineWorker::matrix(const MatrixKey& key) const {
    LACT_TRY(Matrix matrix, session_->fast_weights(key));
    matrix.generation = generation_;
    return matrix;
}

Result<Answered> EngineWorker::answer(const StateQuery& query, const Job& job) {
    Answered answered{query, generation_, {}, {}, 0};
    const auto began = std::chrono::steady_clock::now();
    const auto answer = [&]() -> Result<Answer> {
        if (!query_service_) {
            LACT_TRY(query_service_,
                     QueryService::of(*session_, open_.set->chosen(inputs_),
                                      open_.set->chosen(scene_->measured()), open_.set->path));
        }
        return query_service_->answer(query, job);
    }();
    if (answer) {
        answered.answer = *answer;
    } else if (answer.error().cancelled) {
        return tl::unexpected<Error>(answer.error());
    } else {
        answered.problem = answer.error().what;
    }
    answered.milliseconds =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
    return answered;
}

}  // namespace lact::app
