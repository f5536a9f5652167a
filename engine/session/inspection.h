#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/scene/image.h"
#include "engine/scene/prepare.h"
#include "engine/session/equivalence_check.h"
#include "engine/session/matrix.h"
#include "engine/session/session.h"

#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lact {

/// One TTT layer and head.
struct Place {
    int layer = 0;
    int head = 0;
    friend bool operator==(const Place&, const Place&) = default;
};

/// Side of the gradient that Muon's factor stands on. Both readings are exact and give the same output, but
/// their weights differ: a map means something only with the name of its side.
enum class Side { value, key };
[[nodiscard]] std::string_view to_string(Side side);
[[nodiscard]] Result<Side> parse_side(std::string_view text);

/// Matrices of the linear-attention twin, one inner step each (arXiv 2602.21204, theorem 5.1).
enum class LinearMatrix {
    k,                 ///< What the layer is given: tokens x d_in
    v,                 ///< tokens x d_out
    keys,              ///< phi(k): tokens x d_phi, before the step
    values,            ///< v-hat: tokens x d_out, with rate, loss residual and sign
    effective_keys,    ///< phi(k) P_L: values are v-hat then
    effective_values,  ///< v-hat P_R = v~
    gradient,          ///< phi(k)^T v-hat: d_phi x d_out
    orthogonalized,    ///< M of it
    muon_left,         ///< P_L, on the range of the gradient; an error without orthogonalisation
    muon_right,        ///< P_R
    initial_state,     ///< S0 (the same in every step)
    state_change,      ///< Delta S of all steps, with the weight norm D
    state,             ///< S = S0 D + Delta S, after all steps
    updated_w1,        ///< W1 as the layer has it: what S must be, but for the running precision
};

/// Matrices of a read, a row for each patch that asks.
enum class ReadMatrix {
    q,            ///< patches x d_in
    features,     ///< phi_{t+1}(q): patches x d_phi
    output,       ///< o as the layer ran, before the output norm: patches x d_out
    form_output,  ///< phi_{t+1}(q) S
};

/// Tokens of the input views: view after view, row after row, `rows` x `columns` patches each.
struct TokenGrid {
    std::vector<std::size_t> views;  ///< Index in the scene of each input view.
    int rows = 0;
    int columns = 0;
    [[nodiscard]] std::size_t tokens() const {
        return views.size() * static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
    }
};

/// Who asks: all patches of a target camera, or one of them.
struct Query {
    Camera camera;
    std::optional<std::array<int, 2>> patch;  ///< column, row
};

/// What the input tokens add to an answer. Signed; s0 + the sum of `views` is 1, as is s0 + the sum of
/// `tokens`. At fixed P and D: not what the answer would be without the view (see without_view()).
struct AttentionMap {
    std::string label;  ///< What a caption must say.
    Side side = Side::value;
    /// For a single patch: the row of A for each inner step. Weights of different steps belong to different
    /// values and must not be summed.
    std::vector<std::vector<double>> weights;
    std::vector<double> tokens;
    std::vector<double> views;
    double s0 = 0;
};

/// One patch of an input photo: what it wrote into the memory, and which patches of a view read it.
struct TokenDetail {
    std::size_t token = 0;
    std::vector<double> key;    ///< phi(k), of the first inner step, on the named side times P_L.
    std::vector<double> value;  ///< v-hat, on the named side times P_R.
    /// Signed share of this token in the answer of each patch of the camera, row after row; s0 and all
    /// tokens of one patch sum to 1.
    std::vector<double> reads;
    int columns = 0;  ///< Of `reads`: patches across.
    Side side = Side::value;
};

/// Singular values, falling, of one fast-weight matrix.
struct MatrixSpectrum {
    FastMatrix which = FastMatrix::w1;
    std::vector<double> gradient;        ///< Of the first inner step; empty where the rule leaves the matrix.
    std::vector<double> orthogonalized;  ///< What M makes of each of them.
    std::vector<double> change;          ///< Of updated - initial.
    double rank_gradient = 0;            ///< Effective ranks: exp of the entropy of sigma / sum(sigma).
    double rank_orthogonalized = 0;
    double rank_change = 0;
};

/// Frobenius norms of one fast-weight matrix.
struct MatrixNorms {
    Place place;
    FastMatrix which = FastMatrix::w1;
    double initial = 0;
    double updated = 0;
    double change = 0;
};

/// Learned rate of every input token for each matrix (after softplus), in token order.
struct TokenRates {
    std::vector<double> w0;
    std::vector<double> w1;
    std::vector<double> w2;
    bool used = true;  ///< The rule has per-token rates.
};

/// Mean inner loss over the input tokens before the first inner step and after each.
struct InnerLossCurve {
    std::vector<double> rule;  ///< The rule's own loss.
    std::vector<double> dot;   ///< -<f(k), v>, for rules to be compared by.
};

/// What each input view adds to the gradient G of one matrix in the first inner step: G is the sum of G_j.
struct ViewGradientShares {
    FastMatrix which = FastMatrix::w1;
    std::vector<double> norms;   ///< |G_j|
    std::vector<double> shares;  ///< <G_j, G> / |G|^2; they sum to 1
};

/// Whether deeper layers see their inputs as they were (exact for layer 0 only), or everything is computed
/// anew by a real set-up.
enum class Features { frozen, recomputed };

/// The picture with and without one photo, both from real set-ups: which photo something comes from.
struct CausalAnswer {
    std::size_t view = 0;  ///< Place in the inputs.
    ImageF with;
    ImageF without;
    double mean_difference = 0;  ///< Mean |with - without| over pixels and channels.
    double largest_difference = 0;
};

/// Looks inside one state of a session: the layers' inputs, what they learned, and the same as linear
/// attention. Made from a session that is set up and the views it was set up with; later changes of the
/// session do not touch it. Computed when asked for; the records of one layer are kept. Jobs can stop it
/// between layers. One thread at a time. Places outside of the model are errors.
class Inspection {
  public:
    /// Errors: no state yet; other views than the session learned cannot be told and give wrong answers.
    [[nodiscard]] static Result<Inspection> of(const Session& session, std::vector<PreparedView> inputs);
    ~Inspection();
    Inspection(Inspection&&) noexcept;
    Inspection& operator=(Inspection&&) noexcept;

    [[nodiscard]] const Session& session() const;
    [[nodiscard]] const std::vector<PreparedView>& inputs() const;
    [[nodiscard]] const TokenGrid& grid() const;

    /// A matrix of the twin, of inner step `step` (from 0).
    [[nodiscard]] Result<Matrix> linear_matrix(Place place, LinearMatrix which, int step = 0,
                                               const Job& job = {});
    /// A matrix of a read by one or all patches of a camera.
    [[nodiscard]] Result<Matrix> read_matrix(Place place, ReadMatrix which, const Query& query,
                                             const Job& job = {});
    /// Both ways compared for what `camera` asks: the number, its tolerance and its status.
    [[nodiscard]] Result<EquivalenceRow> difference(Place place, const Camera& camera, const Job& job = {});
    /// Weights of one patch's row, or shares of all patches of the camera.
    [[nodiscard]] Result<AttentionMap> attention(Place place, const Query& query, Side side,
                                                 const Job& job = {});

    /// The same for every layer and head: layers x heads, heads innermost. Stoppable between layers.
    [[nodiscard]] Result<std::vector<AttentionMap>> attention_sheet(const Query& query, Side side,
                                                                    const Job& job = {});
    /// What an input token (its place in the grid) wrote, and where `camera` reads it.
    [[nodiscard]] Result<TokenDetail> token(Place place, std::size_t token, const Camera& camera, Side side,
                                            const Job& job = {});

    /// Of W0, W1, W2, in this order.
    [[nodiscard]] Result<std::array<MatrixSpectrum, 3>> spectra(Place place, const Job& job = {});
    /// Of all layers, heads and matrices.
    [[nodiscard]] Result<std::vector<MatrixNorms>> norms() const;
    /// Cosine between the changes of one matrix in different layers (of one head): layers x layers.
    [[nodiscard]] Result<std::vector<std::vector<double>>> layer_cosines(int head, FastMatrix which) const;
    [[nodiscard]] Result<TokenRates> rates(Place place, const Job& job = {});
    [[nodiscard]] Result<InnerLossCurve> inner_loss(Place place, const Job& job = {});

    [[nodiscard]] Result<std::vector<ViewGradientShares>> view_gradients(Place place, const Job& job = {});
    /// A fast-weight matrix with each input view's tokens counted `view_weights` times (0: left out). The
    /// first n views alone: n ones, then zeros.
    [[nodiscard]] Result<Matrix> reweighted(const MatrixKey& key, std::span<const double> view_weights,
                                            Features features, const Job& job = {});

    /// The causal answer for one input view (by its place in the inputs).
    [[nodiscard]] Result<CausalAnswer> without_view(std::size_t view, const Camera& camera,
                                                    const Job& job = {});

    /// Raw tensors of one place as safetensors, for other programs: README.md tells names and formulae.
    [[nodiscard]] Result<void> write_tensors(const std::filesystem::path& path, Place place,
                                             const Query& query, Side side,
                                             const std::map<std::string, std::string>& metadata,
                                             const Job& job = {});

    /// For the engine: defined in inspection_state.h.
    struct State;

  private:
    explicit Inspection(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace lact
