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

/// A thing to open. A second request for one path opens it again, as it may have changed on the disk:
/// `sequence` tells the two apart.
template <class Value>
struct Opening {
    Value value;
    std::uint64_t sequence = 0;
};

/// What is asked of the set-up and not done yet: the newest of each kind.
struct EngineRequests {
    std::optional<Opening<std::filesystem::path>> weights;
    std::optional<Opening<SceneRequest>> scene;
    std::optional<GenerationSpec> generate;  ///< Makes the folder of `scene` where it is not there yet.
    std::optional<std::vector<std::size_t>> inputs;
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

/// What a set-up is made of, in the order in which it is done.
enum class SetUpStage { weights, scene, inputs, state };

/// Takes the request out that is to blame for a failure in this stage, so that the others can still be
/// fulfilled. Leaves nothing where none is.
void drop_failed(EngineRequests& requests, SetUpStage stage);

}  // namespace lact::app
