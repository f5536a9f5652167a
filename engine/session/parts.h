#pragma once

#include "engine/model/two_stage.h"
#include "engine/session/session.h"

#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>

namespace lact {

/// Contents of a Model. For the engine and its tests; other layers include model.h and session.h only.
struct Model::Parts {
    Checkpoint checkpoint;  ///< Without its tensors.
    Network network;
    Precision precision;
    UpdateRule trained_rule;
};

/// Contents of a Session.
struct Session::State {
    std::shared_ptr<const Model> model;
    UpdateRule rule;
    SceneState fast;       ///< Empty before the first set-up.
    LayerForms forms;      ///< What computed it; empty: the TTT step in all layers.
    LayerMethods methods;  ///< Of `forms`; empty where that is.
    std::uint64_t generation = 0;
};

/// Posed input views [1, v, 12, h, w] in main memory: 9 pose channels and 2 * image - 1.
[[nodiscard]] at::Tensor posed_views(std::span<const PreparedView> inputs);

/// Error: no view, sizes that differ, or a size that the patch does not divide.
[[nodiscard]] Result<void> check_sizes(std::span<const Camera> cameras, const ModelConfig& config);

/// Checks that the model can run the rule on these views, with these forms in place of the TTT step. Errors:
/// a rule that does not fit the weights, those of check_sizes(), too little memory.
[[nodiscard]] Result<void> check_set_up(const Model& model, std::span<const PreparedView> inputs,
                                        const UpdateRule& rule, const LayerForms& forms = {});

/// Checks, after check_set_up(), that there is memory for the linear-attention form of a layer: with
/// `fp64_heads` heads at once in fp64, see layer_bytes().
[[nodiscard]] Result<void> check_layer(const Model& model, std::span<const PreparedView> inputs,
                                       const UpdateRule& rule, int fp64_heads);

/// Limits Torch to one thread during its lifetime where the fast weights are small: threads would wait for
/// each other far longer than they compute. Does nothing for large fast weights.
class SmallWorkThreads {
  public:
    explicit SmallWorkThreads(const ModelConfig& config);
    SmallWorkThreads(const SmallWorkThreads&) = delete;
    SmallWorkThreads& operator=(const SmallWorkThreads&) = delete;
    ~SmallWorkThreads();

  private:
    int before_ = 0;  ///< Threads to restore; 0: none.
};

/// Turns an exception of a library into an Error, with a hint where memory ran out.
[[nodiscard]] Error engine_error(std::string where, const std::exception& problem);

}  // namespace lact
