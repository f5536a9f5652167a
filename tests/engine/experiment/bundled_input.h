#pragma once

#include "engine/experiment/experiment.h"
#include "engine/session/load_scene.h"
#include "tests/engine/session/small_session.h"

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact::test {

inline double number_in(const ExperimentCell& cell) {
    return std::get<double>(cell);
}

/// A bundled scene, opened with bundled weights and set up with a rule: what an experiment works on.
inline ExperimentInput bundled_input(const std::string& scene, const std::string& weights,
                                     const std::string& rule, std::size_t inputs = 8) {
    const std::string assets = LACT_ASSETS_DIR;
    const ComputeOptions compute{"cpu", Precision::fp32, 0, 0};
    auto model = Model::load(assets + "/weights/" + weights + ".safetensors", compute);
    EXPECT_TRUE(model.has_value()) << model.error().message();
    SceneRequest request;
    request.path = assets + "/scenes/" + scene;
    request.input_count = inputs;
    request.size = Size{64, 64};
    const auto loaded = load_scene(request, (*model)->config(), (*model)->info());
    EXPECT_TRUE(loaded.has_value()) << loaded.error().message();
    Session session(*model);
    const auto done = session.set_up(loaded->input_views(), *parse_update_rule(rule));
    EXPECT_TRUE(done.has_value()) << done.error().message();
    const Camera camera = loaded->target_views().front().camera;
    return {std::move(session), loaded->set, loaded->inputs, loaded->targets, camera, compute};
}

/// A model on random views of one scene, three of them inputs: fast, and without any meaning but that of the
/// arithmetic.
inline ExperimentInput random_input(const std::shared_ptr<const Model>& model, const std::string& rule) {
    const ComputeOptions compute{"cpu", Precision::fp32, 0, 0};
    auto set = std::make_shared<ViewSet>();
    set->files.name = "random";
    set->size = small_size;
    for (int i = 0; i < 5; ++i) {
        set->views.push_back(random_view(i, small_size));
    }
    Session session(model);
    EXPECT_TRUE(session.set_up(std::span(set->views).first(3), *parse_update_rule(rule)).has_value());
    const Camera camera = set->views[3].camera;
    return {std::move(session), set, {0, 1, 2}, {3, 4}, camera, compute};
}

/// The identity kernel needs as many hidden channels as input channels.
inline ModelConfig square_config() {
    ModelConfig config = small_config();
    config.hidden_multiple = 1;
    return config;
}

/// random_input() of random weights.
inline ExperimentInput small_input(const TemporaryFolder& folder, const std::string& rule,
                                   const ModelConfig& config = square_config()) {
    return random_input(small_model(folder, Precision::fp32, config), rule);
}

/// The same with every tensor of a name that has one of these endings filled with a value.
inline ExperimentInput filled_input(const TemporaryFolder& folder, const std::string& rule,
                                    const std::vector<std::string>& endings, double value) {
    TensorFile weights = random_weights(square_config());
    for (auto& [name, tensor] : weights.tensors) {
        for (const std::string& ending : endings) {
            if (name.ends_with(ending)) {
                tensor = at::full_like(tensor, value);
            }
        }
    }
    const auto path = folder.path() / "filled.safetensors";
    EXPECT_TRUE(write_safetensors(path, weights).has_value());
    auto model = Model::load(path, {"cpu", Precision::fp32, 0, 0});
    EXPECT_TRUE(model.has_value()) << model.error().message();
    return random_input(*model, rule);
}

}  // namespace lact::test
