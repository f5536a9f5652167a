#pragma once

#include "app/core/sequence_questions.h"
#include "engine/core/error.h"
#include "engine/session/inspection.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace lact::app {

// What panels ask about the state beside its picture: one type a question. The engine thread answers them
// after frames, one after the other (engine/session/inspection.h says what each means).

struct AskTwinMatrix {
    Place place;
    TwinMatrix which = TwinMatrix::state;
    int step = 0;
};
struct AskDifference {
    Place place;
    Camera camera;
};
struct AskAttention {
    Place place;
    Query query;
    Side side = Side::value;
};
/// Attention of every layer and head: for the contact sheet.
struct AskAttentionSheet {
    Query query;
    Side side = Side::value;
};
/// One patch of an input photo: key, value, and where the camera reads it.
struct AskToken {
    Place place;
    std::size_t token = 0;  ///< Place in the grid of input tokens.
    Camera camera;
    Side side = Side::value;
};
struct AskRead {
    Place place;
    ReadMatrix which = ReadMatrix::features;
    Query query;
};
struct AskSpectra {
    Place place;
};
struct AskNorms {};
struct AskLayerCosines {
    int head = 0;
    FastMatrix which = FastMatrix::w1;
};
struct AskRates {
    Place place;
};
struct AskInnerLoss {
    Place place;
};
struct AskViewGradients {
    Place place;
};
/// A fast-weight matrix after the first `views` input views alone.
struct AskAfterViews {
    MatrixKey key;
    std::size_t views = 1;
    Features features = Features::frozen;
};
/// The picture from a state of the first `views` input views alone: a real set-up.
struct AskPictureAfterViews {
    Camera camera;
    std::size_t views = 1;
};
/// The picture of another camera than the view's, from the state as it is.
struct AskPicture {
    Camera camera;
};
struct AskWithoutView {
    std::size_t view = 0;  ///< Place in the inputs.
    Camera camera;
};
/// How good the pictures of held-out photos are.
struct AskHeldOut {};
/// What a generated scene truly looks like from a camera; also while it moves.
struct AskTruth {
    Camera camera;
};
using Question =
    std::variant<AskTwinMatrix, AskDifference, AskAttention, AskAttentionSheet, AskToken, AskRead, AskSpectra,
                 AskNorms, AskLayerCosines, AskRates, AskInnerLoss, AskViewGradients, AskAfterViews,
                 AskPictureAfterViews, AskPicture, AskWithoutView, AskHeldOut, AskTruth, AskSequence,
                 AskVittt, AskVitttAttention, AskSequenceSpeed>;

/// Whether two questions have one answer for a given state.
[[nodiscard]] bool same(const Question& a, const Question& b);

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
struct Truth {
    ImageF picture;
};
using Answer = std::variant<std::monostate, Matrix, TwinCheckRow, AttentionMap, AttentionSheet, TokenDetail,
                            std::array<MatrixSpectrum, 3>, std::vector<MatrixNorms>, LayerCosines, TokenRates,
                            InnerLossCurve, std::vector<ViewGradientShares>, Frame, CausalAnswer, HeldOutPsnr,
                            Truth, SequenceExample, VitttPictures, VitttAttention, SequenceSpeeds>;

/// A question with its answer, or why there is none.
struct Answered {
    Question question;
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
using Questions = std::map<std::string, Question>;
using Answers = std::map<std::string, std::shared_ptr<const Answered>>;

}  // namespace lact::app
