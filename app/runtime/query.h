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
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lact::app {

// Queries of the sequence panel: about random tokens and an image, not about the state.

struct SequenceQuery {
    SequenceExampleOptions options;
};
/// An image through the modules of ViTTT.
struct VitttQuery {
    std::string image;  ///< File; empty: a generated image.
    bool rotary = false;
    friend bool operator==(const VitttQuery&, const VitttQuery&) = default;
};
struct VitttAttentionQuery {
    VitttQuery image;
    std::array<int, 2> position{};  ///< column, row
};
/// A measurement, which takes seconds. Another number requests another one.
struct SequenceSpeedQuery {
    int measurement = 0;
};

/// The answer to VitttQuery.
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

// Queries of the panels about the state, one type each. The engine thread answers them after frames, one
// after the other. engine/session/inspection.h defines them.

struct LinearMatrixQuery {
    Place place;
    LinearMatrix which = LinearMatrix::state;
    int step = 0;
};
struct EquivalenceQuery {
    Place place;
    Camera camera;
};
/// How far W1 is from the state S.
struct StateDistanceQuery {
    Place place;
};
struct AttentionQuery {
    Place place;
    Query query;
    AttentionOptions options;
};
/// Attention of every layer and head: for the contact sheet.
struct AttentionSheetQuery {
    Query query;
    AttentionOptions options;
};
/// One patch of an input photo: key, value, and where the camera reads it.
struct TokenQuery {
    Place place;
    std::size_t token = 0;  ///< Index in the grid of input tokens.
    Camera camera;
    AttentionOptions options;
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
/// The rendering of a state of the first `views` input views alone: a real set-up.
struct ImageAfterViewsQuery {
    Camera camera;
    std::size_t views = 1;
};
/// The rendering of the current state at another camera than that of the view.
struct ImageQuery {
    Camera camera;
};
struct WithoutViewQuery {
    std::size_t view = 0;  ///< Position in the list of inputs.
    Camera camera;
};
/// The PSNR of the rendering at held-out photos (SceneSummary::measured()): of all, or of 64 at even spacing.
struct HeldOutQuery {};
/// The ground truth of a generated scene at a camera; also asked while the camera moves.
struct GroundTruthQuery {
    Camera camera;
};
using StateQuery =
    std::variant<LinearMatrixQuery, EquivalenceQuery, StateDistanceQuery, AttentionQuery, AttentionSheetQuery,
                 TokenQuery, ReadQuery, SpectraQuery, NormsQuery, RatesQuery, InnerLossQuery,
                 ViewGradientsQuery, AfterViewsQuery, ImageAfterViewsQuery, ImageQuery, WithoutViewQuery,
                 HeldOutQuery, GroundTruthQuery, SequenceQuery, VitttQuery, VitttAttentionQuery,
                 SequenceSpeedQuery>;

/// Whether two queries have the same answer for a given state.
[[nodiscard]] bool same(const StateQuery& a, const StateQuery& b);

/// layers x heads, heads innermost.
using AttentionSheet = std::vector<AttentionMap>;
/// PSNR in dB at held-out photos.
struct HeldOutPsnr {
    struct OfView {
        std::size_t view = 0;  ///< Index in the scene.
        double psnr = 0;
    };
    double psnr = 0;            ///< Mean over `views`.
    std::vector<OfView> views;  ///< In the order of their indices.
};
/// The ground truth at a camera.
struct GroundTruthImage {
    ImageF image;
};
using Answer =
    std::variant<std::monostate, Matrix, EquivalenceRow, StateDistance, AttentionMap, AttentionSheet,
                 TokenDetail, std::array<MatrixSpectrum, 3>, std::vector<MatrixNorms>, TokenRates,
                 InnerLossCurve, std::vector<ViewGradientShares>, Frame, CausalAnswer, HeldOutPsnr,
                 GroundTruthImage, SequenceExample, VitttImages, VitttAttention, SequenceSpeeds>;

/// A query with its answer, or why there is none.
struct Answered {
    StateQuery query;
    std::uint64_t generation = 0;  ///< Generation of the state that it is about.
    Answer answer;
    std::string problem;  ///< Why there is no answer; empty where there is one.
    double milliseconds = 0;

    /// The answer where it is of this type, else null.
    template <class T>
    [[nodiscard]] const T* get() const {
        return std::get_if<T>(&answer);
    }
};

/// Queries by name; the newest of each name counts. Answered in the order of their names.
using StateQueries = std::map<std::string, StateQuery>;
using Answers = std::map<std::string, std::shared_ptr<const Answered>>;

}  // namespace lact::app
