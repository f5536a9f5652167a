#pragma once

#include "engine/model/network.h"
#include "engine/session/session.h"

#include <exception>
#include <string>

namespace lact {

/// What a Model is made of. For the engine and its tests: the program sees session.h alone.
struct Model::Parts {
    Checkpoint checkpoint;  ///< Without its tensors.
    Network network;
    Precision precision;
    UpdateRule trained_rule;
};

/// A library's exception as an Error; out-of-memory gets the advice that helps.
[[nodiscard]] Error engine_error(std::string where, const std::exception& problem);

}  // namespace lact
