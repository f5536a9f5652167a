#pragma once

#include "engine/linear/attention.h"
#include "engine/linear/form.h"
#include "engine/linear/layer_inputs.h"
#include "engine/session/inspection.h"
#include "engine/session/parts.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace lact {

/// State of an Inspection: the snapshot of the session and cached records. Internal to the class.
struct Inspection::State {
    /// Records of one layer, all heads.
    struct Layer {
        int index = 0;
        LayerInputs inputs;     ///< In fp32.
        LinearForm form;        ///< In fp32.
        UpdateTokens recorded;  ///< In the types of the network: what the layer itself learned from.
    };
    /// Queries of one camera in one layer.
    struct Read {
        int layer = 0;
        Camera camera;
        LayerRead queries;
    };

    explicit State(Session s) : session(std::move(s)) {}

    Session session;
    std::vector<PreparedView> inputs;
    TokenGrid grid;
    at::Tensor posed;            ///< posed_views() of the inputs; undefined until needed.
    std::optional<Layer> layer;  ///< The last layer.
    std::optional<Read> read;    ///< The last read.
    /// The last view weights and the session set up with them.
    std::optional<std::pair<std::vector<double>, Session>> reweighted;
    std::map<std::size_t, Session> without;  ///< Sessions set up without one view, by its index.

    [[nodiscard]] const Network& network() const { return session.model().parts().network; }
    [[nodiscard]] const SceneState& fast() const { return session.state().fast; }

    /// Error: a place outside of the model.
    [[nodiscard]] Result<void> check(Place place) const;
    /// The records of a layer: the cached ones where it is the same layer.
    [[nodiscard]] Result<const Layer*> layer_at(Place place, const Job& job);
    /// Queries of one head [1, patches or 1, d_in] and the output of the layer for them.
    [[nodiscard]] Result<LayerRead> queries_of(Place place, const Query& query, const Job& job);
    /// A matrix [rows, columns] as fp32 on the CPU.
    [[nodiscard]] Matrix matrix_of(const MatrixKey& key, const at::Tensor& values) const;
};

/// Runs `work` without autograd and turns exceptions into errors with the place `where`.
template <class Work>
auto guarded(const Session& session, const char* where, Work work) -> decltype(work()) {
    try {
        const c10::InferenceMode no_gradients;
        const SmallWorkThreads threads(session.model().config());
        return work();
    } catch (const std::exception& problem) {
        return tl::unexpected<Error>(engine_error(where, problem));
    }
}

/// The values of a tensor in row-major order.
[[nodiscard]] std::vector<double> numbers(const at::Tensor& x);

/// One matrix of a set.
[[nodiscard]] inline const at::Tensor& part_of(const FastWeights& weights, FastMatrix which) {
    return which == FastMatrix::w0 ? weights.w0 : which == FastMatrix::w1 ? weights.w1 : weights.w2;
}

}  // namespace lact
