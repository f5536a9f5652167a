#pragma once

#include "engine/procedural/write_scene.h"
#include "engine/scene/prepare.h"
#include "engine/session/load_scene.h"
#include "engine/ttt/update_rule.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lact::app {

/// Something to open. A second request for the same path opens it again, as the file may have changed:
/// `sequence` distinguishes the two.
template <class Value>
struct Opening {
    Value value;
    std::uint64_t sequence = 0;
};

/// Input views by index, and the scene that they were chosen for (SceneSummary::sequence): another one does
/// not take them. Of any scene where there is none.
struct InputChoice {
    std::vector<std::size_t> views;
    std::optional<std::uint64_t> scene;
};

/// Pending requests to the set-up: the newest of each kind.
struct EngineRequests {
    std::optional<Opening<std::filesystem::path>> weights;
    std::optional<Opening<SceneRequest>> scene;
    std::optional<GenerationSpec> generate;  ///< Makes the folder of `scene` where it is not there yet.
    std::optional<InputChoice> inputs;
    std::optional<UpdateRule> rule;
    std::optional<Size> size;

    [[nodiscard]] bool empty() const;
    /// Something has to be loaded or decoded for them.
    [[nodiscard]] bool need_loading() const { return weights || scene || size; }
    /// Newer requests on top of these: new weights discard older rules and sizes, a new scene older inputs.
    void add(const EngineRequests& newer);
    /// "Open bouquet"; for changes of an open scene "Update the state".
    [[nodiscard]] std::string title() const;
};

/// The stages of a set-up, in order.
enum class SetUpStage { weights, scene, inputs, state };

/// Removes the request that caused a failure in this stage, so that the others can still be fulfilled.
/// Removes all where none is the cause.
void drop_failed(EngineRequests& requests, SetUpStage stage);

}  // namespace lact::app
