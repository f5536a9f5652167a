#pragma once

#include "engine/session/sequence_example.h"
#include "engine/session/sequence_speed.h"
#include "engine/session/vittt_example.h"

#include <array>
#include <string>
#include <vector>

namespace lact::app {

// What the sequence panel asks: about random tokens and a picture, not about the state.

struct AskSequence {
    SequenceExampleOptions options;
};
/// A picture through ViTTT's modules.
struct AskVittt {
    std::string image;  ///< File; empty: a generated picture.
    bool rotary = false;
    friend bool operator==(const AskVittt&, const AskVittt&) = default;
};
struct AskVitttAttention {
    AskVittt picture;
    std::array<int, 2> position{};  ///< column, row
};
/// A measurement takes seconds; another number asks for another one.
struct AskSequenceSpeed {
    int measurement = 0;
};

/// What AskVittt answers.
struct VitttPictures {
    Image8 picture;
    Image8 glu;
    Image8 conv;
    int rows = 0;
    int columns = 0;
    double glu_difference = 0;
    double conv_difference = 0;
};
using SequenceSpeeds = std::vector<SequenceSpeed>;

}  // namespace lact::app
