#include "engine/session/session.h"

#include "engine/core/counted.h"
#include "engine/linear/layer_inputs.h"
#include "engine/linear/layer_method.h"
#include "engine/model/device.h"
#include "engine/model/rays.h"
#include "engine/session/memory.h"
#include "engine/session/parts.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

namespace lact {
namespace {

class Stopwatch {
  public:
    [[nodiscard]] double milliseconds() const {
        return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// UpdateTokens::weight for all tokens of the views; undefined where no view has a weight.
at::Tensor weights_of_tokens(const Network& network, std::span<const double> view_weights,
                             const at::Tensor& posed) {
    if (view_weights.empty()) {
        return {};
    }
    const int64_t patch = network.config().patch;
    const at::Tensor weights = at::tensor(std::vector<double>(view_weights.begin(), view_weights.end()),
                                          at::TensorOptions(at::kFloat).device(network.device()));
    return token_weights(weights, (posed.size(3) / patch) * (posed.size(4) / patch));
}

Result<void> check_options(const SetUpOptions& options, std::size_t inputs, const ModelConfig& config) {
    if (!options.view_weights.empty() && options.view_weights.size() != inputs) {
        return fail("view weights", fmt::format("there are {} for {}", options.view_weights.size(),
                                                counted(inputs, "input view")));
    }
    if (!options.forms.empty() && options.forms.size() != static_cast<std::size_t>(config.layers)) {
        return fail("forms", fmt::format("there are {} for {}", options.forms.size(),
                                         counted(config.layers, "layer")));
    }
    return {};
}

LayerMethods methods_of(const LayerForms& forms) {
    LayerMethods methods;
    for (const LayerForm form : forms) {
        methods.push_back(form == LayerForm::linear           ? linear_method()
                          : form == LayerForm::unchanged      ? unchanged_method()
                          : form == LayerForm::fixed_features ? fixed_features_method()
                                                              : LayerMethod{});
    }
    return methods;
}

/// Memory where the model computes; 0 where it is unknown.
std::size_t available_bytes(const Model& model) {
    const at::Device device = model.parts().network.device();
    return device.is_cpu() ? available_cpu_bytes() : available_gpu_bytes(device);
}

/// Whether all fast weights are finite. One answer for all layers, because a GPU is waited for at each.
bool all_finite(const SceneState& state) {
    std::vector<at::Tensor> finite;
    for (const FastWeights& layer : state) {
        for (const at::Tensor* matrix : {&layer.w0, &layer.w1, &layer.w2}) {
            finite.push_back(at::isfinite(*matrix).all());
        }
    }
    return at::stack(finite).all().item<bool>();
}

}  // namespace

Result<void> check_sizes(std::span<const Camera> cameras, const ModelConfig& config) {
    if (cameras.empty()) {
        return fail("views", "none were given", "Choose at least one view.");
    }
    for (const Camera& camera : cameras) {
        LACT_CHECK(check_size(config, camera.size()));
        if (camera.size() != cameras.front().size()) {
            return fail("size", fmt::format("views of one pass have one size, not {}x{} and {}x{}",
                                            cameras.front().width, cameras.front().height, camera.width,
                                            camera.height));
        }
    }
    return {};
}

Result<void> check_set_up(const Model& model, std::span<const PreparedView> inputs, const UpdateRule& rule,
                          const LayerForms& forms) {
    const ModelConfig& config = model.config();
    if (auto reason = incompatibility(rule, config.ttt_head, config.fast_hidden(), config.query_is_key);
        !reason.empty()) {
        return fail(fmt::format("rule '{}' on {}", format(rule), model.path().filename().string()), reason);
    }
    std::vector<Camera> cameras;
    for (const PreparedView& view : inputs) {
        cameras.push_back(view.camera);
    }
    LACT_CHECK(check_sizes(cameras, config));
    return check_memory(config, inputs.size(), cameras.front().size(), available_bytes(model),
                        set_up_work(forms, rule, model.precision()));
}

Result<void> check_layer(const Model& model, std::span<const PreparedView> inputs, const UpdateRule& rule,
                         int fp64_heads) {
    return check_layer_memory(model.config(), rule.inner_steps, fp64_heads, inputs.size(),
                              inputs.front().camera.size(), available_bytes(model),
                              value_bytes(model.precision()));
}

at::Tensor posed_views(std::span<const PreparedView> inputs) {
    const Camera& first = inputs.front().camera;
    const at::Tensor posed =
        at::empty({1, static_cast<int64_t>(inputs.size()), 12, first.height, first.width});
    // View by view: the channels of all of them at once would take two and a half times as much.
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const ImageF* image = inputs[i].image.get();
        const at::Tensor view = posed[0][static_cast<int64_t>(i)];
        view.slice(0, 0, 9).copy_(pose_channels(std::span(&inputs[i].camera, 1))[0]);
        view.slice(0, 9).copy_(to_tensor(std::span(&image, 1))[0][0]).mul_(2).sub_(1);
    }
    return posed;
}

SmallWorkThreads::SmallWorkThreads(const ModelConfig& config) {
    constexpr int small = 256;
    if (config.fast_hidden() <= small && at::get_num_threads() > 1) {
        before_ = at::get_num_threads();
        at::set_num_threads(1);
    }
}
SmallWorkThreads::~SmallWorkThreads() {
    if (before_ > 0) {
        at::set_num_threads(before_);
    }
}

Session::Session(std::shared_ptr<const Model> model) : state_(std::make_unique<State>()) {
    state_->rule = model->trained_rule();
    state_->model = std::move(model);
}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

Result<double> Session::set_up(std::span<const PreparedView> inputs, const UpdateRule& rule, const Job& job,
                               const SetUpOptions& options) {
    const Network& network = state_->model->parts().network;
    LACT_CHECK(check_set_up(*state_->model, inputs, rule, options.forms));
    LACT_CHECK(check_options(options, inputs.size(), network.config()));
    try {
        const c10::InferenceMode no_gradients;
        const Stopwatch watch;
        const at::Tensor posed = posed_views(inputs);
        LayerMethods methods = methods_of(options.forms);
        LACT_TRY(SceneState fast,
                 lact::set_up(network, rule, posed, job,
                              {nullptr, weights_of_tokens(network, options.view_weights, posed), &methods}));
        if (!all_finite(fast)) {
            return fail(fmt::format("rule '{}'", format(rule)), "the updated fast weights are not finite",
                        "Use fewer inner steps, or keep orthogonalisation and the weight norm on.");
        }
        state_->fast = std::move(fast);
        state_->rule = rule;
        state_->forms = options.forms;
        state_->methods = std::move(methods);
        ++state_->generation;
        return watch.milliseconds();
    } catch (const std::exception& problem) {
        return tl::unexpected<Error>(engine_error("set-up", problem));
    }
}

bool Session::ready() const {
    return !state_->fast.empty();
}

Result<std::vector<Frame>> Session::render(std::span<const Camera> cameras, const Job& job,
                                           std::size_t batch) {
    if (!ready()) {
        return fail("session", "there is no state yet: the input views were not set up");
    }
    const Network& network = state_->model->parts().network;
    LACT_CHECK(check_sizes(cameras, network.config()));
    std::vector<Frame> frames;
    try {
        const c10::InferenceMode no_gradients;
        for (std::size_t first = 0; first < cameras.size(); first += batch) {
            const auto part = cameras.subspan(first, std::min(batch, cameras.size() - first));
            const Stopwatch watch;
            LACT_TRY(const at::Tensor images,
                     lact::render(network, state_->rule, state_->fast, pose_channels(part).unsqueeze(0), job,
                                  {nullptr, {}, &state_->methods}));
            const at::Tensor on_cpu = images.squeeze(0).to(at::kCPU, at::kFloat);
            const double milliseconds = watch.milliseconds() / static_cast<double>(part.size());
            for (std::size_t i = 0; i < part.size(); ++i) {
                frames.push_back(
                    {to_image(on_cpu[static_cast<int64_t>(i)]), part[i], milliseconds, state_->generation});
            }
        }
    } catch (const std::exception& problem) {
        return tl::unexpected<Error>(engine_error("render", problem));
    }
    return frames;
}

Result<Frame> Session::render(const Camera& camera, const Job& job) {
    LACT_TRY(auto frames, render(std::span(&camera, 1), job, 1));
    return std::move(frames.front());
}

Result<Matrix> Session::fast_weights(const MatrixKey& key) const {
    const ModelConfig& config = state_->model->config();
    if (!ready()) {
        return fail("session", "there is no state yet: the input views were not set up");
    }
    if (key.layer < 0 || key.layer >= config.layers || key.head < 0 || key.head >= config.ttt_heads()) {
        return fail("session", fmt::format("layer {} head {} is not there: layers 0 to {}, heads 0 to {}",
                                           key.layer, key.head, config.layers - 1, config.ttt_heads() - 1));
    }
    try {
        const c10::InferenceMode no_gradients;
        const auto pick = [&](const FastWeights& weights) {
            const at::Tensor& all = key.which == FastMatrix::w0   ? weights.w0
                                    : key.which == FastMatrix::w1 ? weights.w1
                                                                  : weights.w2;
            return all[key.head];
        };
        const at::Tensor initial = pick(state_->model->parts().network.initial_fast_weights(key.layer));
        const at::Tensor updated = pick(state_->fast[static_cast<std::size_t>(key.layer)]);
        const at::Tensor chosen = key.when == MatrixTime::initial   ? initial
                                  : key.when == MatrixTime::updated ? updated
                                                                    : updated - initial;
        const at::Tensor values = chosen.to(at::kCPU, at::kFloat).contiguous();
        const float* first = values.const_data_ptr<float>();
        return Matrix{key, static_cast<int>(values.size(0)), static_cast<int>(values.size(1)),
                      std::vector<float>(first, first + values.numel()), state_->generation};
    } catch (const std::exception& problem) {
        return tl::unexpected<Error>(engine_error("fast weights", problem));
    }
}

Session Session::snapshot() const {
    Session copy(state_->model);
    *copy.state_ = *state_;
    return copy;
}

const Model& Session::model() const {
    return *state_->model;
}
std::shared_ptr<const Model> Session::shared_model() const {
    return state_->model;
}
const UpdateRule& Session::rule() const {
    return state_->rule;
}
const LayerForms& Session::forms() const {
    return state_->forms;
}
std::uint64_t Session::generation() const {
    return state_->generation;
}
bool Session::rule_switched() const {
    return !same_but_precision(state_->rule, state_->model->trained_rule());
}

}  // namespace lact
