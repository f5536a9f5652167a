#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/scene/camera.h"
#include "engine/scene/image.h"
#include "engine/scene/prepare.h"
#include "engine/session/layer_form.h"
#include "engine/session/matrix.h"
#include "engine/session/model.h"
#include "engine/ttt/update_rule.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lact {

/// One rendered image. Immutable.
struct Frame {
    ImageF image;
    Camera camera;
    double milliseconds = 0;       ///< Of its apply pass; in a batch, the mean of its views.
    std::uint64_t generation = 0;  ///< Set-ups of the session up to the state it was read from.
};

/// What a set-up changes beside the rule.
struct SetUpOptions {
    /// Weights of the tokens of each view in the gradients of every layer (0: as if the photo were absent, 1:
    /// unchanged); empty: all 1.
    std::vector<double> view_weights;
    /// What computes each layer, in the set-up and in every rendering of its state; empty: the TTT step.
    LayerForms forms;
};

/// The state of a scene in a model. Set-up writes the input views into the fast weights once; apply reads any
/// number of target views from them. Target tokens never change the state (arXiv 2505.23884), so this is
/// exact. Not thread-safe.
class Session {
  public:
    explicit Session(std::shared_ptr<const Model> model);
    ~Session();
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;

    /// Set-up: updates the fast weights of every layer from the input views, which have one size, a multiple
    /// of the patch. Returns milliseconds. On an error the previous state stays. Errors: those of
    /// check_set_up(); another number of weights than views, or of forms than layers; fast weights that are
    /// not finite; the job was stopped, which is checked between layers.
    [[nodiscard]] Result<double> set_up(std::span<const PreparedView> inputs, const UpdateRule& rule,
                                        const Job& job = {}, const SetUpOptions& options = {});
    /// Whether there is a state to render from.
    [[nodiscard]] bool ready() const;

    /// Apply: renders target cameras of one size, a multiple of the patch, `batch` of them at a time. With a
    /// batch of one (the default) the pixels of a view do not depend on the other cameras, bit for bit.
    /// Errors: no state yet; a size that the patch does not divide; the job was stopped.
    [[nodiscard]] Result<std::vector<Frame>> render(std::span<const Camera> cameras, const Job& job = {},
                                                    std::size_t batch = 1);
    [[nodiscard]] Result<Frame> render(const Camera& camera, const Job& job = {});

    /// A fast-weight matrix of one layer and head. Errors: no state yet; layer or head out of range.
    [[nodiscard]] Result<Matrix> fast_weights(const MatrixKey& key) const;

    [[nodiscard]] const Model& model() const;
    [[nodiscard]] std::shared_ptr<const Model> shared_model() const;
    [[nodiscard]] const UpdateRule& rule() const;
    /// What computes each layer; empty: the TTT step in all of them.
    [[nodiscard]] const LayerForms& forms() const;
    /// Number of successful set-ups.
    [[nodiscard]] std::uint64_t generation() const;
    /// Whether the rule differs from the one of the training: it was switched at inference only.
    [[nodiscard]] bool rule_switched() const;

    /// A session with the same state, which is shared until either is set up again.
    [[nodiscard]] Session snapshot() const;

    /// Internal: defined in parts.h.
    struct State;
    [[nodiscard]] const State& state() const { return *state_; }

  private:
    std::unique_ptr<State> state_;
};

}  // namespace lact
