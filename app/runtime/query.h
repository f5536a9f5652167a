#pragma once

#include "engine/core/error.h"
#include "engine/session/inspection.h"
#include "engine/session/sequence_example.h"
#include "engine/session/sequence_speed.h"
#include "engine/session/vittt_example.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace lact::app {

// What the sequence panel asks: about random tokens and a picture, not about the state.

struct SequenceQuery {
    SequenceExampleOptions options;
};
/// A picture through ViTTT's modules.
struct VitttQuery {
    std::string image;  ///< File; empty: a generated picture.
    bool rotary = false;
    friend bool operator==(const VitttQuery&, const VitttQuery&) = default;
};
struct VitttAttentionQuery {
    VitttQuery image;
    std::array<int, 2> position{};  ///< column, row
};
/// A measurement takes seconds; another number asks for another one.
struct SequenceSpeedQuery {
    int measurement = 0;
};

/// What VitttQuery answers.
struct VitttImages {
    Image8 image;
    Image8 glu;
    Image8 conv;
    int rows = 0;
    int columns = 0;
    double glu_difference = 0;
    double conv_difference = 0;
};
using SequenceSpeeds = std::vector<SequenceSpeed>;

// What panels ask about the state beside its picture: one type a question. The engine thread answers them
// after frames, one after the other (engine/session/inspection.h says what each means).

struct LinearMatrixQuery {
    Place place;
    LinearMatrix which = LinearMatrix::state;
    int step = 0;
};
struct EquivalenceQuery {
    Place place;
    Camera camera;
};
struct AttentionQuery {
    Place place;
    Query query;
    MuonFactor factor = MuonFactor::right;
};
/// Attention of every layer and head: for the contact sheet.
struct AttentionSheetQuery {
    Query query;
    MuonFactor factor = MuonFactor::right;
};
/// One patch of an input photo: key, value, and where the camera reads it.
struct TokenQuery {
    Place place;
    std::size_t token = 0;  ///< Place in the grid of input tokens.
    Camera camera;
    MuonFactor factor = MuonFactor::right;
};
struct ReadQuery {
    Place place;
    ReadMatrix which = ReadMatrix::features;
    Query query;
};
struct SpectraQuery {
    Place place;
};
struct NormsQuery {};
struct LayerCosinesQuery {
    int head = 0;
    FastMatrix which = FastMatrix::w1;
};
struct RatesQuery {
    Place place;
};
struct InnerLossQuery {
    Place place;
};
struct ViewGradientsQuery {
    Place place;
};
/// A fast-weight matrix after the first `views` input views alone.
struct AfterViewsQuery {
    MatrixKey key;
    std::size_t views = 1;
    Features features = Features::frozen;
};
/// The picture from a state of the first `views` input views alone: a real set-up.
struct ImageAfterViewsQuery {
    Camera camera;
    std::size_t views = 1;
};
/// The picture of another camera than the view's, from the state as it is.
struct ImageQuery {
    Camera camera;
};
struct WithoutViewQuery {
    std::size_t view = 0;  ///< Place in the inputs.
    Camera camera;
};
/// How good the pictures of held-out photos are.
struct HeldOutQuery {};
/// What a generated scene truly looks like from a camera; also while it moves.
struct GroundTruthQuery {
    Camera camera;
};
using StateQuery =
    std::variant<LinearMatrixQuery, EquivalenceQuery, AttentionQuery, AttentionSheetQuery, TokenQuery,
                 ReadQuery, SpectraQuery, NormsQuery, LayerCosinesQuery, RatesQuery, InnerLossQuery,
                 ViewGradientsQuery, AfterViewsQuery, ImageAfterViewsQuery, ImageQuery, WithoutViewQuery,
                 HeldOutQuery, GroundTruthQuery, SequenceQuery, VitttQuery, VitttAttentionQuery,
                 SequenceSpeedQuery>;

/// Whether two questions have one answer for a given state.
[[nodiscard]] bool same(const StateQuery& a, const StateQuery& b);

/// layers x layers
using LayerCosines = std::vector<std::vector<double>>;
/// layers x heads, heads innermost.
using AttentionSheet = std::vector<AttentionMap>;
/// Mean PSNR in dB over held-out photos.
struct HeldOutPsnr {
    double psnr = 0;
    std::size_t views = 0;  ///< How many photos it is a mean of.
};
/// The ground truth at a camera.
struct GroundTruthImage {
    ImageF image;
};
using Answer = std::variant<std::monostate, Matrix, EquivalenceRow, AttentionMap, AttentionSheet, TokenDetail,
                            std::array<MatrixSpectrum, 3>, std::vector<MatrixNorms>, LayerCosines, TokenRates,
                            InnerLossCurve, std::vector<ViewGradientShares>, Frame, CausalAnswer, HeldOutPsnr,
                            GroundTruthImage, SequenceExample, VitttImages, VitttAttention, SequenceSpeeds>;

/// A question with its answer, or why there is none.
struct Answered {
    StateQuery query;
    std::uint64_t generation = 0;  ///< Of the state it is about.
    Answer answer;
    std::string problem;  ///< Why there is no answer; empty where there is one.
    double milliseconds = 0;

    /// The answer where it is of this type, else null.
    template <class T>
    [[nodiscard]] const T* get() const {
        return std::get_if<T>(&answer);
    }
};

/// Questions by the place that asks; the newest of each counts. Answered in the order of their names.
using StateQueries = std::map<std::string, StateQuery>;
using Answers = std::map<std::string, std::shared_ptr<const Answered>>;

}  // namespace lact::app
