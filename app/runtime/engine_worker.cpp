#include "app/runtime/engine_worker.h"

#include "engine/procedural/ground_truth.h"
#include "engine/scene/camera.h"
#include "engine/session/memory.h"
#include "engine/session/scene_header.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

WeightsSummary summarize(const Model& model) {
    WeightsSummary summary;
    summary.path = model.path();
    summary.name = model.info().name.empty() ? model.path().filename().string() : model.info().name;
    summary.sha256 = model.sha256();
    summary.device = model.device_name();
    summary.precision = model.precision();
    summary.parameters = model.parameters();
    summary.config = model.config();
    summary.info = model.info();
    summary.trained_rule = model.trained_rule();
    summary.trained_rule_text = model.info().trained_rule();
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

float mean_foreground(const PreparedScene& scene, const std::vector<std::size_t>& inputs) {
    float sum = 0;
    for (const std::size_t index : inputs) {
        sum += (*scene.views)[index].foreground;
    }
    return sum / static_cast<float>(inputs.size());
}

Result<void> check_size(Size size, int patch) {
    if (size.width <= 0 || size.height <= 0 || size.width % patch != 0 || size.height % patch != 0) {
        return fail("size",
                    fmt::format("{}x{} is not a multiple of the patch, {}", size.width, size.height, patch),
                    fmt::format("Choose a width and a height that {} divides.", patch));
    }
    return {};
}

template <class T>
tl::unexpected<SetUpError> failed(const Result<T>& result, SetUpStage stage) {
    return tl::unexpected<SetUpError>({result.error(), stage});
}

}  // namespace

Result<std::shared_ptr<const Model>> EngineWorker::model_for(const EngineRequests& requests) {
    if (!requests.weights) {
        return model_;
    }
    if (!spare_model_ || spare_model_->sequence != requests.weights->sequence) {
        LACT_TRY(auto model, Model::load(requests.weights->value, compute_));
        spare_model_ = {std::move(model), requests.weights->sequence};
    }
    return spare_model_->value;
}

Result<std::shared_ptr<const PreparedScene>> EngineWorker::scene_for(const EngineRequests& requests,
                                                                     const Model& model, const Job& job) {
    const auto opening =
        requests.scene ? *requests.scene : Opening<SceneRequest>{prepared_->request, prepared_->opening};
    const bool keep_size = prepared_ && !requests.weights;
    const Size size = requests.size.value_or(keep_size ? prepared_->size : default_size(model.info()));
    LACT_CHECK(check_size(size, model.config().patch));
    for (const auto& known : {prepared_, spare_scene_}) {
        if (known && known->opening == opening.sequence && known->size == size &&
            known->train_radius == model.info().train_radius) {
            return known;
        }
    }
    if (requests.generate && !std::filesystem::exists(opening.value.path)) {
        job.progress("Generating", 0);
        LACT_CHECK(generate_scene_folder(*requests.generate, opening.value.path, job));
    }
    LACT_CHECK(check_memory_for(opening.value, model, size, job));
    LACT_TRY(spare_scene_, prepare_scene(opening, size, model.config(), model.info(), job));
    return spare_scene_;
}

/// Before a photo is decoded.
Result<void> EngineWorker::check_memory_for(const SceneRequest& request, const Model& model, Size size,
                                            const Job& job) {
    SceneRequest requested = request;
    requested.size = size;
    const MemoryBudget budget{compute_.memory > 0 ? compute_.memory : available_cpu_bytes(), model.on_cpu()};
    LACT_TRY(const SceneHeader probe, probe_scene(requested, model.config(), size, budget));
    job.say(probe.name + ": " + probe.sentence());
    if (!probe.fits()) {
        offer_ = std::make_shared<const MemoryOffer>(MemoryOffer{requested, probe});
    }
    return probe.check();
}

tl::expected<void, SetUpError> EngineWorker::load(const EngineRequests& requests, const Job& job) {
    const auto model = model_for(requests);
    if (!model) {
        return failed(model, SetUpStage::weights);
    }
    if (requests.scene) {
        offer_.reset();
    }
    if (requests.scene || prepared_) {
        if (const auto scene = scene_for(requests, **model, job); !scene) {
            return failed(scene, SetUpStage::scene);
        }
    }
    return {};
}

void EngineWorker::forget_loaded() {
    spare_model_.reset();
    spare_scene_.reset();
}

tl::expected<bool, SetUpError> EngineWorker::set_up(EngineRequests& requests, const Job& job) {
    const auto model = model_for(requests);
    if (!model) {
        return failed(model, SetUpStage::weights);
    }
    if (!requests.scene && !prepared_) {
        commit_weights(*model);
        requests.weights.reset();
        return true;
    }
    const auto scene = scene_for(requests, **model, job);
    if (!scene) {
        return failed(scene, SetUpStage::scene);
    }
    Plan plan{*model, *scene, requests.scene ? (*scene)->inputs : inputs_,
              requests.weights || !session_ ? (*model)->trained_rule() : session_->rule()};
    if (requests.inputs) {
        plan.inputs = *requests.inputs;
    }
    if (requests.rule) {
        plan.rule = *requests.rule;
    }
    if (const auto checked = check_inputs(*plan.scene, plan.inputs); !checked) {
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
    if (same_model && session_->ready() && plan.scene == prepared_ && plan.inputs == inputs_ &&
        plan.rule == session_->rule()) {
        return false;
    }
    std::optional<Session> fresh;
    if (!same_model) {
        fresh.emplace(plan.model);
    }
    Session& session = fresh ? *fresh : *session_;
    const auto inputs = plan.scene->chosen(plan.inputs);
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
    state.memory_bytes = set_up_bytes(plan.model->config(), plan.inputs.size(), plan.scene->size);
    state_ = std::make_shared<const StateSummary>(std::move(state));
    return true;
}

void EngineWorker::commit_weights(const std::shared_ptr<const Model>& model) {
    model_ = model;
    weights_ = std::make_shared<const WeightsSummary>(summarize(*model));
    spare_model_.reset();
}

void EngineWorker::commit_scene(const Plan& plan) {
    if (!prepared_ || prepared_->opening != plan.scene->opening) {
        ++scenes_;
    }
    prepared_ = plan.scene;
    inputs_ = plan.inputs;
    spare_scene_.reset();
    SceneSummary summary;
    summary.sequence = scenes_;
    summary.path = prepared_->request.path;
    summary.name = prepared_->name;
    summary.format = prepared_->format;
    summary.origin = origin_of(prepared_->request.path);
    summary.normalization = to_string(prepared_->normalization.normalization);
    summary.normalization_reason = prepared_->normalization.reason;
    summary.size = prepared_->size;
    summary.training = training_of(plan.model->info(), prepared_->size);
    summary.views = prepared_->summaries;
    for (const std::size_t index : inputs_) {
        summary.views[index].is_input = true;
    }
    summary.inputs = inputs_;
    summary.warnings = prepared_->warnings;
    if (auto warning = outside_training(plan.model->info(), prepared_->size, inputs_.size(),
                                        mean_foreground(*prepared_, inputs_), summary.origin);
        !warning.empty()) {
        summary.warnings.push_back(std::move(warning));
    }
    scene_ = std::make_shared<const SceneSummary>(std::move(summary));
}

Camera EngineWorker::fitted(const Camera& camera) const {
    const bool fits = check_size({camera.width, camera.height}, model_->config().patch).has_value();
    return fits || !prepared_ ? camera : make_camera(camera.c2w, lens_of(camera), prepared_->size);
}

Result<Frame> EngineWorker::render(const Camera& camera, const Job& job) {
    LACT_TRY(Frame frame, session_->render(camera, job));
    frame.generation = generation_;
    return frame;
}

Result<void> EngineWorker::set_sides(const CompareRequest& request, const Job& job) {
    SideBase base;
    base.model = model_;
    base.scene = prepared_;
    base.scene_sequence = scenes_;
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
            std::vector<std::size_t> held_out;
            for (std::size_t i = 0; i < prepared_->views->size(); ++i) {
                if (std::ranges::find(inputs_, i) == inputs_.end()) {
                    held_out.push_back(i);
                }
            }
            LACT_TRY(query_service_, QueryService::of(*session_, prepared_->chosen(inputs_),
                                                      prepared_->chosen(held_out), prepared_->request.path));
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
