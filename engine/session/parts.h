#pragma once

#include "engine/model/network.h"
#include "engine/session/session.h"

#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>

namespace lact {

/// What a Model is made of. For the engine and its tests: the program sees session.h alone.
struct Model::Parts {
    Checkpoint checkpoint;  ///< Without its tensors.
    Network network;
    Precision precision;
    UpdateRule trained_rule;
};

/// What a Session holds.
struct Session::State {
    std::shared_ptr<const Model> model;
    UpdateRule rule;
    SceneState fast;  ///< Empty before the first set-up.
    std::uint64_t generation = 0;
};

/// Posed input views [1, v, 12, h, w]: pose channels and 2 * image - 1.
[[nodiscard]] at::Tensor posed_views(std::span<const PreparedView> inputs);

/// Every view of one pass has one size, and the patch divides it.
[[nodiscard]] Result<void> check_sizes(std::span<const Camera> cameras, int patch);

/// The model can run the rule on these views: their size, and the memory they need.
[[nodiscard]] Result<void> check_set_up(const Model& model, std::span<const PreparedView> inputs,
                                        const UpdateRule& rule);

/// One thread for decompositions and products of small fast weights while it lives: on several they wait for
/// each other far longer than they work. Does nothing for large ones.
class SmallWorkThreads {
  public:
    explicit SmallWorkThreads(const ModelConfig& config);
    SmallWorkThreads(const SmallWorkThreads&) = delete;
    SmallWorkThreads& operator=(const SmallWorkThreads&) = delete;
    ~SmallWorkThreads();

  private:
    int before_ = 0;  ///< 0: left as they were.
};

/// A library's exception as an Error; out-of-memory gets the advice that helps.
[[nodiscard]] Error engine_error(std::string where, const std::exception& problem);

}  // namespace lact
