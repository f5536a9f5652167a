#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/scene/image.h"
#include "engine/scene/prepare.h"
#include "engine/session/attention_options.h"
#include "engine/session/equivalence_check.h"
#include "engine/session/matrix.h"
#include "engine/session/session.h"
#include "engine/ttt/muon.h"

#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lact {

/// One TTT layer and head.
struct Place {
    int layer = 0;
    int head = 0;
    friend bool operator==(const Place&, const Place&) = default;
};

/// Matrices of the linear-attention form of a layer, of one inner step each (arXiv 2602.21204, theorem 5.1).
enum class LinearMatrix {
    k,                 ///< Keys of the layer: tokens x d_in.
    v,                 ///< Values of the layer: tokens x d_out.
    keys,              ///< phi(k) before the step: tokens x d_phi.
    values,            ///< v-hat with rate, loss residual and sign: tokens x d_out.
    effective_keys,    ///< phi(k) P_L, to be used with v-hat.
    effective_values,  ///< v~ = v-hat P_R, to be used with phi(k).
    gradient,          ///< G = phi(k)^T v-hat: d_phi x d_out.
    orthogonalized,    ///< M(G)
    muon_left,         ///< P_L on the range of G; an error without orthogonalisation.
    muon_right,        ///< P_R on the range of G; an error without orthogonalisation.
    initial_state,     ///< S0, the same in every step.
    state_change,      ///< Delta S of all steps, with the weight norm D; computed in fp64.
    state,             ///< S = S0 D + Delta S after all steps, computed in fp64.
    updated_w1,        ///< W1 as it runs. S differs from it by the running precision: state_distance().
    exact_w1,          ///< W1 of the TTT step recomputed in fp64, with Newton-Schulz in fp64.
};

/// Distance of two matrices A and B.
struct MatrixDistance {
    double largest = 0;    ///< max|A - B| / max|A|
    double frobenius = 0;  ///< |A - B| / |A|, Frobenius norms.
};

/// How far W1 is from the state S of the linear-attention form. S is computed in fp64 from the recorded
/// inputs, Muon's polynomial by a singular value decomposition.
struct StateDistance {
    MatrixDistance running;    ///< Of LinearMatrix::updated_w1.
    MatrixDistance exact;      ///< Of LinearMatrix::exact_w1: rounding of fp64.
    std::string running_name;  ///< Precision of updated_w1: "Newton-Schulz in bf16".
};

/// One sentence about the distance of S and one of the two W1: "W1 as it runs (Newton-Schulz in bf16) differs
/// from S by 21 % of its largest entry, 8.1 % in Frobenius norm."
[[nodiscard]] std::string distance_text(const StateDistance& distance, bool recomputed);

/// Matrices of a read, one row for each querying patch.
enum class ReadMatrix {
    q,            ///< patches x d_in.
    features,     ///< phi_{t+1}(q): patches x d_phi.
    output,       ///< o of the layer before the output norm: patches x d_out.
    form_output,  ///< phi_{t+1}(q) S: patches x d_out.
};

/// Tokens of the input views: by view, then in row-major order of its `rows` x `columns` patches.
struct TokenGrid {
    std::vector<std::size_t> views;  ///< Index in the scene of each input view.
    int rows = 0;
    int columns = 0;
    [[nodiscard]] std::size_t tokens() const {
        return views.size() * static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
    }
};

/// The querying patches: all patches of a target camera, or one of them.
struct Query {
    Camera camera;
    std::optional<std::array<int, 2>> patch;  ///< Column and row; empty: all patches.
};

/// Signed shares of the input tokens in an output, or in its difference from the mean over all patches of the
/// camera, at fixed P and D. s0 + the sum of `tokens` is 1, and so is s0 + the sum of `views`. A share is not
/// the effect of leaving the view out; that is without_view().
struct AttentionMap {
    std::string label;  ///< Caption: place, factor, and what the shares hold for.
    AttentionOptions options;
    /// For a single patch: the row of A for each inner step, one weight for each token. Weights of different
    /// steps belong to different values and must not be summed.
    std::vector<std::vector<double>> weights;
    std::vector<double> tokens;  ///< One share for each input token.
    std::vector<double> views;   ///< Sums of `tokens` over each input view.
    double s0 = 0;               ///< Share of the initial state.
    double sum = 0;              ///< Of `tokens`: 1 - s0.
    double absolute_sum = 0;     ///< Of |tokens|. Above |sum|, shares of different tokens cancel.
    /// For each row in `weights`: entropy of |a| / sum(|a|) over the tokens, in bits, 0 to log2(tokens).
    std::vector<double> entropy_bits;
    /// Part of the mean |o|^2 over all patches of the camera that is |mean(o)|^2: the answer that all of them
    /// have in common, 0 to 1.
    double mean_fraction = 0;
};

/// One patch of an input photo: the key and value that it wrote, and the patches of a view that read it.
struct TokenDetail {
    std::size_t token = 0;      ///< Index in TokenGrid.
    std::vector<double> key;    ///< phi(k) of the first inner step; times P_L for the left factor.
    std::vector<double> value;  ///< v-hat of the first inner step; times P_R for the right factor.
    /// Signed share of this token in the output of each patch of the camera, in row-major order. s0 and all
    /// tokens of one patch sum to 1.
    std::vector<double> reads;
    int columns = 0;  ///< Patches across in `reads`.
    AttentionOptions options;
};

/// Singular values, descending, of one fast-weight matrix.
struct MatrixSpectrum {
    FastMatrix which = FastMatrix::w1;
    std::vector<double> gradient;  ///< G of the first inner step; empty where the rule leaves the matrix.
    std::vector<double> orthogonalized;  ///< The values that M turns them into; empty without Muon.
    std::vector<double> change;          ///< Of updated - initial.
    double rank_gradient = 0;            ///< Effective ranks (effective_rank()).
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

/// Learned rates of every input token after softplus, in token order.
struct TokenRates {
    std::vector<double> w0;
    std::vector<double> w1;
    std::vector<double> w2;
    /// Whether the rule has per-token rates and updates W0, W1, W2.
    std::array<bool, 3> used{true, true, true};
};

/// Mean inner loss over the input tokens before the first inner step and after each, of the fast weights as
/// the layer runs: the steps are repeated in the precision of the network, with the rule's precision of
/// Newton-Schulz; the last are those of the session. The loss of given weights rounds no product to bf16.
struct InnerLossCurve {
    std::vector<double> rule;  ///< The rule's own loss; for MSE 1/2 |v - f(k)|^2, at least 0.
    std::vector<double> dot;   ///< -<f(k), v>, to compare rules by.
};

/// Contributions G_j of the input views to the gradient G of one matrix in the first inner step; G is their
/// sum.
struct ViewGradientShares {
    FastMatrix which = FastMatrix::w1;
    std::vector<double> norms;   ///< |G_j|, one for each input view.
    std::vector<double> shares;  ///< <G_j, G> / |G|^2; the sum is 1.
};

/// How the inputs of the layers follow a change of the input views.
enum class Features {
    frozen,      ///< They stay those of the set-up with all views: exact for layer 0 only.
    recomputed,  ///< A new set-up computes them.
};

/// The rendering with and without one input photo, both from full set-ups.
struct CausalAnswer {
    std::size_t view = 0;  ///< Index in the inputs.
    ImageF with;
    ImageF without;
    double mean_difference = 0;  ///< Mean |with - without| over pixels and channels.
    double largest_difference = 0;
};

/// Inspects one state of a session: the inputs of the layers, their fast weights, and their linear-attention
/// form. It keeps a snapshot, so later changes of the session do not affect it. Results are computed on
/// demand; the records of one layer are cached. Jobs are checked between layers. Errors of all functions: a
/// place outside of the model, a stopped job. Not thread-safe.
class Inspection {
  public:
    /// `inputs` must be the views of the last set-up; other views are not detected and give wrong results.
    /// Errors: the session has no state; those of check_set_up().
    [[nodiscard]] static Result<Inspection> of(const Session& session, std::vector<PreparedView> inputs);
    ~Inspection();
    Inspection(Inspection&&) noexcept;
    Inspection& operator=(Inspection&&) noexcept;

    [[nodiscard]] const Session& session() const;
    [[nodiscard]] const std::vector<PreparedView>& inputs() const;
    [[nodiscard]] const TokenGrid& grid() const;

    /// A matrix of the linear-attention form, of inner step `step` in [0, inner_steps).
    [[nodiscard]] Result<Matrix> linear_matrix(Place place, LinearMatrix which, int step = 0,
                                               const Job& job = {});
    /// How far W1 is from S, after all inner steps.
    [[nodiscard]] Result<StateDistance> state_distance(Place place, const Job& job = {});
    /// A matrix of a read by one patch or all patches of a camera.
    [[nodiscard]] Result<Matrix> read_matrix(Place place, ReadMatrix which, const Query& query,
                                             const Job& job = {});
    /// The equivalence check for the queries of `camera`: differences, limit and status.
    [[nodiscard]] Result<EquivalenceRow> difference(Place place, const Camera& camera, const Job& job = {});
    /// Weights and shares of one patch, or the shares over all patches of the camera. Errors: the output (or
    /// its difference from the mean) is zero or not finite, so that it has no shares.
    [[nodiscard]] Result<AttentionMap> attention(Place place, const Query& query,
                                                 const AttentionOptions& options, const Job& job = {});

    /// The same for every layer and head: layers x heads, heads innermost.
    [[nodiscard]] Result<std::vector<AttentionMap>> attention_sheet(const Query& query,
                                                                    const AttentionOptions& options,
                                                                    const Job& job = {});
    /// What input token `token` of the grid wrote, and where `camera` reads it. Errors: those of attention()
    /// for any patch of the camera.
    [[nodiscard]] Result<TokenDetail> token(Place place, std::size_t token, const Camera& camera,
                                            const AttentionOptions& options, const Job& job = {});

    /// Spectra of W0, W1, W2, in this order.
    [[nodiscard]] Result<std::array<MatrixSpectrum, 3>> spectra(Place place, const Job& job = {});
    /// Norms of all layers, heads and matrices.
    [[nodiscard]] Result<std::vector<MatrixNorms>> norms() const;
    /// Per-token rates of the input tokens.
    [[nodiscard]] Result<TokenRates> rates(Place place, const Job& job = {});
    /// Inner loss before the first inner step and after each.
    [[nodiscard]] Result<InnerLossCurve> inner_loss(Place place, const Job& job = {});

    /// Contributions of the input views to the gradients of the matrices that the rule updates.
    [[nodiscard]] Result<std::vector<ViewGradientShares>> view_gradients(Place place, const Job& job = {});
    /// A fast-weight matrix with the tokens of each input view weighted by `view_weights` in every gradient
    /// (0: left out, 1: unchanged).
    [[nodiscard]] Result<Matrix> reweighted(const MatrixKey& key, std::span<const double> view_weights,
                                            Features features, const Job& job = {});

    /// The effect of input view `view` on the rendering of `camera`. Errors: fewer than two input views.
    [[nodiscard]] Result<CausalAnswer> without_view(std::size_t view, const Camera& camera,
                                                    const Job& job = {});

    /// Writes the tensors of one place as safetensors for other programs (inspection_export.h).
    /// docs/inspect.md lists names and formulae.
    [[nodiscard]] Result<void> write_tensors(const std::filesystem::path& path, Place place,
                                             const Query& query, MuonFactor factor,
                                             const std::map<std::string, std::string>& metadata,
                                             const Job& job = {});

    /// Internal: defined in inspection_state.h.
    struct State;

  private:
    explicit Inspection(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace lact
