#include "engine/train/training_run.h"

#include "engine/core/json_numbers.h"
#include "engine/core/text_file.h"
#include "engine/model/device.h"
#include "engine/procedural/world.h"
#include "engine/scene/scene_files.h"
#include "engine/session/parts.h"
#include "engine/train/more_layers.h"
#include "engine/train/training_loss.h"
#include "engine/train/training_speed.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <exception>
#include <limits>
#include <thread>
#include <utility>

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace lact {
namespace {

constexpr long long most_skipped_in_a_row = 100;
constexpr double seconds_per_hour = 3600;

double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

int loader_threads(const TrainConfig& config) {
    constexpr int most = 16;
    const auto cores = static_cast<int>(std::thread::hardware_concurrency());
    return config.loader_threads > 0 ? config.loader_threads : std::clamp(cores, 1, most);
}

/// Mean camera distance of the first training scenes, for the metadata of the weights: the poses of other
/// captures are scaled to it. Poses of scenes with surroundings are normalised differently.
std::optional<double> train_radius(const SampleOrder& order, const DrawScene& draw) {
    for (const WorldFamily* family : order.config().families) {
        if (family->kind != WorldKind::object) {
            return std::nullopt;
        }
    }
    constexpr long long scenes = 32;
    constexpr int smallest_image = 8;
    const int views = order.config().cache.views;
    double sum = 0;
    double count = 0;
    for (long long i = 0; i < scenes; ++i) {
        const SamplePlan plan = order.sample(i * order.config().cache.reuse, 1);
        for (const Camera& camera : draw(*plan.family, plan.seed, views, smallest_image).cameras) {
            sum += camera.position().norm();
            ++count;
        }
    }
    return std::round(sum / count * 1e3) / 1e3;
}

/// The configuration of a resumed run: that of the checkpoint, with the intervals and threads of the request.
Result<TrainConfig> continued_config(const TrainRequest& request, const TrainingState& state) {
    if (!request.config) {
        return state.config;
    }
    TrainConfig config = *request.config;
    if (config.precision == TrainPrecision::automatic) {
        config.precision = state.config.precision;  // Chosen when the run began.
    }
    const std::string reason = incompatibility(state.config, config);
    if (!reason.empty()) {
        return fail(request.output.string(), "the run there has another configuration: " + reason,
                    "Resume without --config or with the same one, or begin a new run in another folder.");
    }
    return config;
}

/// Scenes and hours of the training of given weights, from their metadata. What is no count is left out, and
/// what a checkpoint could not be read back with.
void count_training_of(const Checkpoint& parent, TrainingProgress& progress) {
    const auto json = parse_json(parent.info.metadata_json, "lact").value_or(nlohmann::json());
    const auto field = [&json](const char* name) {
        return json.is_object() ? json.value(name, nlohmann::json()) : nlohmann::json();
    };
    const auto scenes = [&field](const char* name) {
        return whole_number(field(name), 0, most_training_count);
    };
    const auto hours = [&field](const char* name) {
        return finite_number(field(name), 0, most_training_amount);
    };
    progress.scenes_before = scenes("scenes_seen_in_all").value_or(scenes("scenes_seen").value_or(0));
    progress.hours_before = hours("hours_in_all").value_or(hours("hours").value_or(0));
}

/// NaN before the first step that counts.
double training_psnr(const TrainingProgress& progress) {
    return progress.smoothed_mse > 0 ? -10 * std::log10(progress.smoothed_mse)
                                     : std::numeric_limits<double>::quiet_NaN();
}

std::string describe_difference(const ModelConfig& file, const ModelConfig& requested) {
    const auto text = [](const ModelConfig& model) {
        return fmt::format("layers {}, d {}, attention_head {}, ttt_head {}, hidden_multiple {}, patch {}{}",
                           model.layers, model.d, model.attention_head, model.ttt_head, model.hidden_multiple,
                           model.patch, model.query_is_key ? ", query_is_key" : "");
    };
    return fmt::format("has {}; the configuration asks for {}", text(file), text(requested));
}

}  // namespace

TrainingRun::TrainingRun(TrainRequest request, TrainEvents events, Job job, TrainConfig config,
                         RunFolder folder, at::Device device)
    : request_(std::move(request)),
      events_(std::move(events)),
      job_(std::move(job)),
      config_(std::move(config)),
      order_(config_),
      folder_(std::move(folder)),
      device_(device),
      evaluator_(config_, request_, device) {}

Result<std::unique_ptr<TrainingRun>> TrainingRun::prepare(const TrainRequest& given,
                                                          const TrainEvents& events, const Job& job) {
    TrainRequest request = given;
    std::optional<TrainingState> state;
    if (request.decay_from) {
        LACT_TRY(state, read_training_state(RunFolder::checkpoint_of(*request.decay_from)));
        LACT_TRY(request.config, decay_branch(state->config, state->progress.step, request.decay_steps));
        state->config = *request.config;
    } else if (request.resume) {
        LACT_TRY(const bool resumes, RunFolder::has_checkpoint(request.output));
        if (resumes) {
            LACT_TRY(state, read_training_state(RunFolder::checkpoint_of(request.output)));
        }
    }
    if (!state && !request.config) {
        return fail(request.output.string(), "holds no checkpoint to resume from",
                    "Name a configuration with --config.");
    }
    TrainConfig config;
    if (state) {
        LACT_TRY(config, continued_config(request, *state));
    } else {
        config = *request.config;
    }
    config.threads = request.threads.value_or(config.threads);
    if (!request.draw) {
        request.draw = config.auxiliary.any() ? generate_views_with_positions : generate_views;
    }
    for (const std::filesystem::path& scene : request.watch) {
        LACT_CHECK(read_scene(scene));  // Before hours of training, after which it fails to be measured.
    }
    use_reference_arithmetic(config.threads);
    keep_freed_memory();
    LACT_TRY(const at::Device device, select_device(request.device));
    if (config.precision == TrainPrecision::automatic) {
        LACT_TRY(config.precision, faster_precision(config, request.device, job));
        use_reference_arithmetic(config.threads);  // Measuring sets the threads.
    }
    LACT_CHECK(check_train_config(config, "training configuration"));
    // A checkpoint stores the configuration as text: one that could not be read again could not be resumed.
    LACT_CHECK(parse_train_config(format_train_config(config), "training configuration"));
    // A run without a checkpoint restarts.
    LACT_TRY(RunFolder folder,
             request.resume ? RunFolder::reopen(request.output, config, state ? state->progress.step : -1)
                            : RunFolder::create(request.output, config));
    if (request.resume && state) {
        // Another process may have ended in this folder, with a newer checkpoint, before it was locked.
        LACT_TRY(const TrainingState now, read_training_state(RunFolder::checkpoint_of(request.output)));
        if (now.progress.step != state->progress.step) {
            return fail(
                request.output.string(),
                fmt::format("another process wrote the checkpoint of step {} just now", now.progress.step),
                "Resume once more.");
        }
    }
    std::unique_ptr<TrainingRun> run(
        new TrainingRun(std::move(request), events, job, config, std::move(folder), device));
    LACT_CHECK(state ? run->resume(*state) : run->begin());
    run->origin_.device = describe_device(device);
    run->origin_.generator_version = generator_version;
    run->origin_.train_radius = train_radius(run->order_, run->request_.draw);
    run->progress_.revision = run->request_.revision;
    if (run->request_.decay_from) {
        LACT_CHECK(run->write_checkpoint_now());  // From now on the run can be resumed.
    }
    return run;
}

at::ScalarType TrainingRun::type() const {
    return config_.precision == TrainPrecision::bf16 ? at::kBFloat16 : at::kFloat;
}

/// The workers for a batch; a GPU is filled by one. Those of an earlier stage would only hold memory.
const DataParallel& TrainingRun::workers_for(const Batch& batch) {
    const int threads = at::get_num_threads();
    if (!workers_ || stage_of_workers_ != batch.plan.stage) {
        workers_ = std::make_unique<WorkerGroups>(network_->parameters(), threads);
        stage_of_workers_ = batch.plan.stage;
    }
    const auto scenes = static_cast<int>(batch.images.size(0));
    return workers_->of(device_.is_cpu() ? worker_count(config_.workers, threads, scenes) : 1);
}

Result<void> TrainingRun::begin() {
    network_ = std::make_unique<TrainableNetwork>(config_.model, train_rule(config_), device_, type(),
                                                  config_.seed, config_.auxiliary.any());
    if (request_.init) {
        LACT_TRY(const Checkpoint parent, load_checkpoint(*request_.init));
        const bool deeper = is_deeper(config_.model, parent.config);
        if (parent.config != config_.model && !deeper) {
            return fail(
                request_.init->string(), describe_difference(parent.config, config_.model),
                "Begin with other weights, or change the model in the configuration. More layers than the "
                "weights have are possible.");
        }
        if (deeper) {
            job_.say(fmt::format("note: {} has {} layers of {}; the others begin as copies that add nothing",
                                 request_.init->filename().string(), parent.config.layers,
                                 config_.model.layers));
        }
        LACT_CHECK(network_->load(TensorFile{
            with_more_layers(parent.file.tensors, parent.config.layers, config_.model.layers), {}}));
        progress_.parent = parent.sha256;
        count_training_of(parent, progress_);
        if (parent.info.rule != format(train_rule(config_))) {
            job_.say(fmt::format("note: {} was trained with the rule {}, this run trains with {}",
                                 request_.init->filename().string(), parent.info.trained_rule(),
                                 config_.rule));
        }
    }
    optimizer_ = std::make_unique<Optimizer>(network_->parameters(), config_.optimizer);
    return {};
}

Result<void> TrainingRun::resume(const TrainingState& state) {
    network_ = std::make_unique<TrainableNetwork>(config_.model, train_rule(config_), device_, type(),
                                                  config_.seed, config_.auxiliary.any());
    LACT_CHECK(network_->load(TensorFile{state.parameters, {}}));
    optimizer_ = std::make_unique<Optimizer>(network_->parameters(), config_.optimizer);
    LACT_CHECK(optimizer_->load_state(state.optimizer));
    progress_ = state.progress;
    checkpoint_step_ = progress_.step;
    // Evaluations and status before the next step refer to this one.
    last_.step = progress_.step;
    last_.steps = order_.steps();
    last_.stage = order_.stage_of(std::max(0LL, progress_.step - 1));
    last_.scenes = order_.samples_before(progress_.step);
    last_.hours = progress_.seconds / seconds_per_hour;
    last_.psnr = training_psnr(progress_);
    job_.say(fmt::format("going on after step {} of {}", progress_.step, config_.steps()));
    return {};
}

Result<TrainSummary> TrainingRun::run() {
    BatchLoader loader(order_, progress_.step, request_.draw, loader_threads(config_),
                       loader_threads(config_) + 2);
    write_status("running");
    Result<void> result;
    if (progress_.step == 0 && !progress_.parent.empty()) {
        result = evaluate();  // The score before training: where it fails, nothing is lost.
    } else if (request_.resume && evaluation_is_due() && !folder_.is_evaluated(progress_.step)) {
        result = evaluate_or_warn();  // The run was stopped before it was done.
    }
    while (result && progress_.step < order_.steps() && !job_.stopped()) {
        result = step(loader);
        if (result) {
            result = after_step();
        }
    }
    if (!result && !result.error().cancelled) {
        return tl::unexpected<Error>(result.error());
    }
    bool finished = progress_.step == order_.steps() && !job_.stopped();
    if (finished && (!last_evaluation_ || last_evaluation_->step != progress_.step)) {
        result = evaluate();
        finished = result.has_value();
    }
    LACT_CHECK(write_checkpoint_now());
    if (!result && !result.error().cancelled) {
        Error problem = result.error();
        problem.hint += problem.hint.empty() ? "" : " ";
        problem.hint += "All steps are done and the weights are written: --resume evaluates them.";
        return tl::unexpected<Error>(std::move(problem));
    }
    write_status(finished ? "finished" : "stopped");
    TrainSummary summary{progress_.step, last_.scenes, last_.hours, finished, {}};
    if (last_evaluation_ && !last_evaluation_->scores.empty()) {
        summary.last = last_evaluation_->scores.front();
    }
    return summary;
}

Result<void> TrainingRun::step(BatchLoader& loader) {
    const auto begin = Clock::now();
    LACT_TRY(const Batch batch, loader.next(job_.stop));
    if (config_.auxiliary.any() && !batch.geometry.defined()) {
        return fail("training data", "has no positions, which the auxiliary losses need");
    }
    const double done = static_cast<double>(progress_.step) / static_cast<double>(order_.steps());
    const bool differences = done >= config_.gradient_difference_from;
    const LossWeights weights{config_.foreground_weight, differences ? config_.gradient_difference_weight : 0,
                              config_.auxiliary};
    const auto of_targets = [&](const at::Tensor& all) {
        return all.defined() ? all.slice(1, batch.plan.inputs).to(device_) : all;
    };
    const DataParallel& parallel = workers_for(batch);
    const BatchTotals totals =
        parallel.workers() == 1 ? BatchTotals{}
                                : batch_totals(of_targets(batch.images), of_targets(batch.geometry), weights);
    const auto loss_of = [&](std::int64_t first, std::int64_t last) {
        const TrainingViews views = training_views(batch, device_, first, last);
        const auto outputs = network_->forward_all(views.posed, views.pose);
        TrainingLoss loss = training_loss(outputs.images, views.targets, weights, totals);
        if (config_.auxiliary.any()) {
            loss.total =
                loss.total + auxiliary_loss(outputs.auxiliary, views.geometry, weights.auxiliary, totals);
        }
        return loss;
    };
    const DataParallel::Step computed = parallel.compute_gradients(batch.images.size(0), loss_of);
    const double rate = learning_rate(config_, progress_.step);
    const OptimizerStep update = optimizer_->step(rate);
    account(batch, computed.mse, update, rate, seconds_since(begin));
    if (skipped_in_a_row_ >= most_skipped_in_a_row) {
        return fail(divergence_place,
                    fmt::format("the gradients of {} steps in a row, up to step {}, were not finite",
                                skipped_in_a_row_, progress_.step),
                    "The run diverged. Lower the learning rate, or lengthen the warm-up; an earlier state is "
                    "in the checkpoint.");
    }
    return {};
}

void TrainingRun::account(const Batch& batch, double mse, const OptimizerStep& done, double rate,
                          double seconds) {
    ++progress_.step;
    progress_.seconds += seconds;
    skipped_in_a_row_ = done.skipped ? skipped_in_a_row_ + 1 : 0;
    progress_.skipped += done.skipped ? 1 : 0;
    if (std::isfinite(mse)) {
        constexpr double kept = 0.98;
        progress_.smoothed_mse =
            progress_.smoothed_mse > 0 ? kept * progress_.smoothed_mse + (1 - kept) * mse : mse;
    }
    // Smooths times, not speeds, so that each step counts in proportion to its time.
    const double per_scene = seconds / static_cast<double>(batch.plan.samples.size());
    constexpr double kept_time = 0.95;
    seconds_per_scene_ =
        seconds_per_scene_ > 0 ? kept_time * seconds_per_scene_ + (1 - kept_time) * per_scene : per_scene;
    last_.scenes_per_second = 1 / std::max(seconds_per_scene_, 1e-9);
    last_.step = progress_.step;
    last_.steps = order_.steps();
    last_.stage = batch.plan.stage;
    last_.size = batch.plan.size;
    last_.inputs = batch.plan.inputs;
    last_.targets = batch.plan.targets;
    last_.loss = mse;
    last_.psnr = training_psnr(progress_);
    last_.learning_rate = rate;
    last_.gradient_norm = done.gradient_norm;
    last_.skipped = done.skipped;
    last_.skipped_steps = progress_.skipped;
    last_.scenes = order_.samples_before(progress_.step);
    last_.hours = progress_.seconds / seconds_per_hour;
    if (events_.step) {
        events_.step(last_);
    }
    job_.progress("training", static_cast<double>(progress_.step) / static_cast<double>(order_.steps()));
}

/// After the last step that was done, at the end of the run apart.
bool TrainingRun::evaluation_is_due() const {
    if (progress_.step == 0 || progress_.step == order_.steps()) {
        return false;
    }
    const bool stage_ends = order_.stage_of(progress_.step) != order_.stage_of(progress_.step - 1);
    return stage_ends || (config_.evaluation_steps > 0 && progress_.step % config_.evaluation_steps == 0);
}

Result<void> TrainingRun::after_step() {
    const auto warn_once = [this](const Result<void>& written) {
        if (!written && !std::exchange(warned_of_curve_, true)) {
            job_.say("warning: " + written.error().message());
        }
    };
    if (progress_.step % config_.curve_steps == 0) {
        warn_once(folder_.add_row(last_));
    }
    if (evaluation_is_due()) {
        LACT_CHECK(evaluate_or_warn());
    }
    constexpr double seconds_per_minute = 60;
    if (seconds_since(last_checkpoint_) >= config_.checkpoint_minutes * seconds_per_minute) {
        checkpoint_or_warn();
    }
    constexpr double status_seconds = 5;
    if (seconds_since(last_status_) >= status_seconds) {
        write_status("running");
    }
    return {};
}

Checkpoint TrainingRun::weights() const {
    return trained_weights(config_, progress_, origin_, optimizer_->averaged());
}

Result<void> TrainingRun::evaluate() {
    if (evaluator_.empty()) {
        return {};
    }
    // At the sizes of the stage of the last step.
    const std::size_t stage = order_.stage_of(std::max(0LL, progress_.step - 1));
    const auto measured = [&]() -> Result<EvaluationEvent> {
        try {
            return evaluator_.evaluate(weights(), config_.stages[stage].sizes(), {{}, {}, job_.stop});
        } catch (const std::exception& problem) {
            return tl::unexpected<Error>(engine_error("evaluation", problem));
        }
    };
    LACT_TRY(EvaluationEvent event, measured());
    event.step = progress_.step;
    if (const auto written = folder_.add_row(event, last_);
        !written && !std::exchange(warned_of_curve_, true)) {
        job_.say("warning: " + written.error().message());
    }
    if (events_.evaluation) {
        events_.evaluation(event);
    }
    event.images.clear();
    last_evaluation_ = std::move(event);
    write_status("running");
    return {};
}

Result<void> TrainingRun::evaluate_or_warn() {
    auto evaluated = evaluate();
    if (evaluated || evaluated.error().cancelled) {
        return evaluated;
    }
    job_.say(
        fmt::format("warning: no evaluation at step {}: {}\n  Training goes on, and the next evaluation "
                    "tries it again.",
                    progress_.step, evaluated.error().message()));
    return {};
}

Result<void> TrainingRun::write_checkpoint_now() {
    last_checkpoint_ = Clock::now();
    TrainingState state{config_, progress_, {}, optimizer_->state()};
    for (const Parameter& parameter : network_->parameters()) {
        state.parameters.emplace(parameter.name, parameter.value);
    }
    LACT_CHECK(write_training_state(folder_.checkpoint(), state));
    checkpoint_step_ = progress_.step;
    LACT_CHECK(write_checkpoint(weights(), folder_.weights(), StoredType::keep));
    if (events_.checkpoint) {
        events_.checkpoint(progress_.step);
    }
    return {};
}

void TrainingRun::checkpoint_or_warn() {
    if (const auto written = write_checkpoint_now(); !written) {
        job_.say(
            fmt::format("warning: no checkpoint at step {}: {}\n  Training goes on; the newest checkpoint "
                        "is {}, and writing is tried again at the next interval.",
                        progress_.step, written.error().message(),
                        checkpoint_step_ < 0 ? "none" : fmt::format("that of step {}", checkpoint_step_)));
    }
}

void TrainingRun::write_status(const char* state, const std::string& error) {
    last_status_ = Clock::now();
    nlohmann::ordered_json status{{"state", state},
                                  {"name", config_.name},
                                  {"pid", ::getpid()},
                                  {"updated", std::time(nullptr)},
                                  {"device", origin_.device},
                                  {"revision", request_.revision},
                                  {"steps_done", progress_.step},
                                  {"steps", order_.steps()},
                                  {"stages", config_.stages.size()},
                                  {"checkpoint_step", checkpoint_step_}};
    status["last_step"] = last_.step > 0 ? to_json(last_) : nlohmann::ordered_json();
    status["evaluation"] = last_evaluation_ ? to_json(*last_evaluation_) : nlohmann::ordered_json();
    if (!error.empty()) {
        status["error"] = error;
    }
    // run.json serves other programs only. The checkpoint reports a full disk.
    (void)folder_.write_status(status);
}

void TrainingRun::record_failure(const Error& error) {
    write_status("failed", error.message());
}

}  // namespace lact
