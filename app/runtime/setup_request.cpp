#include "app/runtime/setup_request.h"

namespace lact::app {

namespace {

/// The last part of a path that has a name: "scenes/fox/" is "fox".
std::string name_of(const std::filesystem::path& path) {
    const auto name = path.filename().empty() ? path.parent_path().filename() : path.filename();
    return name.string();
}

}  // namespace

bool EngineRequests::empty() const {
    return !weights && !scene && !inputs && !rule && !size;
}

void EngineRequests::add(const EngineRequests& newer) {
    if (newer.weights) {
        weights = newer.weights;
        rule.reset();
        size.reset();
    }
    if (newer.scene) {
        scene = newer.scene;
        generate = newer.generate;
        inputs.reset();
    }
    inputs = newer.inputs ? newer.inputs : inputs;
    rule = newer.rule ? newer.rule : rule;
    size = newer.size ? newer.size : size;
}

std::string EngineRequests::title() const {
    if (weights && scene) {
        return "Open " + name_of(weights->value) + " and " + name_of(scene->value.path);
    }
    if (weights) {
        return "Open " + name_of(weights->value);
    }
    return scene ? "Open " + name_of(scene->value.path) : "Update the state";
}

void drop_failed(EngineRequests& requests, SetUpStage stage) {
    if (stage == SetUpStage::weights) {
        requests.weights.reset();
    } else if (stage == SetUpStage::state && requests.rule) {
        requests.rule.reset();
    } else if (stage != SetUpStage::scene && requests.inputs) {
        requests.inputs.reset();
    } else if (requests.size) {
        requests.size.reset();
    } else if (requests.scene) {
        requests.scene.reset();
        requests.generate.reset();
        requests.inputs.reset();  // they were meant for that scene
    } else {
        requests = {};
    }
}

}  // namespace lact::app
