#pragma once

#include "engine/session/sequence_example.h"

#include <array>
#include <optional>
#include <string>

namespace lact::app {

/// What the sequence panel shows.
struct SequenceView {
    std::string look = "tokens";  ///< tokens, picture or speed
    SequenceExampleOptions options;
    std::string image;  ///< Picture file for ViTTT's modules; empty: a generated one.
    bool rotary = false;
    std::optional<std::array<int, 2>> pinned;  ///< Position of the picture, column and row; empty: hovered.
    int measurement = 0;                       ///< Rises with every wish to measure; 0: none yet.
};

}  // namespace lact::app
