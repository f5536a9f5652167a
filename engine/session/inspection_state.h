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

/// What an Inspection keeps. Only for the files of that class.
struct Inspection::State {
    /// Records of one layer, all heads, in fp32.
    struct Layer {
        int index = 0;
        LayerInputs inputs;
        LinearForm form;
    };
    /// What one camera asks one layer.
    struct Read {
        int layer = 0;
        Camera camera;
        LayerRead queries;
    };

    explicit State(Session s) : session(std::move(s)) {}

    Session session;
    std::vector<PreparedView> inputs;
    TokenGrid grid;
    at::Tensor posed;
    std::optional<Layer> layer;
    std::optional<Read> read;
    std::optional<std::pair<std::vector<double>, Session>> reweighted;
    std::map<std::size_t, Session> without;

    [[nodiscard]] const Network& network() const { return session.model().parts().network; }
    [[nodiscard]] const SceneState& fast() const { return session.state().fast; }

    [[nodiscard]] Result<void> check(Place place) const;
    /// The layer's records, from the last call where it was the same layer.
    [[nodiscard]] Result<const Layer*> layer_at(Place place, const Job& job);
    /// Queries of one head: [1, patches or 1, d_in], and the layer's answers.
    [[nodiscard]] Result<LayerRead> queries_of(Place place, const Query& query, const Job& job);
    [[nodiscard]] Matrix matrix_of(const MatrixKey& key, const at::Tensor& values) const;
};

/// One head of a twin, kept as a batch of one.
[[nodiscard]] LinearForm only(const LinearForm& form, int64_t index);

/// Runs `work` without gradients; exceptions become errors.
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

/// Numbers of a tensor in row order.
[[nodiscard]] std::vector<double> numbers(const at::Tensor& x);

[[nodiscard]] inline AttentionSide attention_side(Side side) {
    return side == Side::value ? AttentionSide::value : AttentionSide::key;
}
[[nodiscard]] inline const at::Tensor& part_of(const FastWeights& weights, FastMatrix which) {
    return which == FastMatrix::w0 ? weights.w0 : which == FastMatrix::w1 ? weights.w1 : weights.w2;
}

}  // namespace lact
