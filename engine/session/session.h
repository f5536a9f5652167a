#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/model/config.h"
#include "engine/scene/camera.h"
#include "engine/scene/image.h"
#include "engine/scene/prepare.h"
#include "engine/session/matrix.h"
#include "engine/ttt/update_rule.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lact {

/// Where and how exactly the model computes.
enum class Precision { fp32, bf16 };
[[nodiscard]] std::string_view to_string(Precision precision);
[[nodiscard]] Result<Precision> parse_precision(std::string_view text);

struct ComputeOptions {
    std::string device = "auto";            ///< "auto", "cpu", "cuda" or "cuda:i".
    Precision precision = Precision::fp32;  ///< fp32 is the reference (TF32 off).
    int threads = 0;                        ///< CPU threads of one operation; 0: one per core.
    std::size_t memory = 0;                 ///< Bytes of main memory that scenes may take; 0: what is free.
};

/// A weight file on a device, ready to be used by any number of sessions. Immutable.
class Model {
  public:
    /// Errors: those of load_checkpoint; no such device; too little memory.
    [[nodiscard]] static Result<std::shared_ptr<const Model>> load(const std::filesystem::path& weights,
                                                                   const ComputeOptions& options);
    ~Model();
    Model(const Model&) = delete;
    Model& operator=(const Model&) = delete;

    [[nodiscard]] const ModelConfig& config() const;
    [[nodiscard]] const WeightsInfo& info() const;
    [[nodiscard]] const std::filesystem::path& path() const;
    [[nodiscard]] const std::string& sha256() const;
    [[nodiscard]] long long parameters() const;
    [[nodiscard]] Precision precision() const;
    [[nodiscard]] std::string device_name() const;  ///< "cpu", or "cuda:0 (NVIDIA …)".
    /// It computes on the CPU, and its state lies in main memory.
    [[nodiscard]] bool on_cpu() const;
    /// The rule the weights were trained with, with the Newton-Schulz precision of their training.
    [[nodiscard]] const UpdateRule& trained_rule() const;

    struct Parts;
    [[nodiscard]] const Parts& parts() const { return *parts_; }

  private:
    explicit Model(std::unique_ptr<const Parts> parts);
    std::unique_ptr<const Parts> parts_;
};

/// One rendered picture, immutable once made.
struct Frame {
    ImageF image;
    Camera camera;
    double milliseconds = 0;       ///< Of the apply pass that made it (its share, where views were batched).
    std::uint64_t generation = 0;  ///< Of the state it was read from: counts set-ups of the session.
};

/// The state of a scene in a model: input views have been written into the fast weights once (set-up), and
/// any number of target views are read from them (apply). Target tokens never change the state (arXiv
/// 2505.23884), so this is exact and not an approximation. One thread at a time.
class Session {
  public:
    explicit Session(std::shared_ptr<const Model> model);
    ~Session();
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;

    /// Set-up: updates the fast weights of every layer from the input views (all of one size, a multiple of
    /// the patch). Stops between layers when asked to; the state before it then stays. Returns milliseconds.
    /// `view_weights`: how often each view's tokens count in the gradients of every layer (0: as if the photo
    /// were not there); empty: once.
    [[nodiscard]] Result<double> set_up(std::span<const PreparedView> inputs, const UpdateRule& rule,
                                        const Job& job = {}, std::span<const double> view_weights = {});
    [[nodiscard]] bool ready() const;

    /// Apply: renders target cameras (all of one size, a multiple of the patch), `batch` of them at a time.
    /// With a batch of one (the default) a view's pixels never depend on what else is rendered, bit for bit.
    [[nodiscard]] Result<std::vector<Frame>> render(std::span<const Camera> cameras, const Job& job = {},
                                                    std::size_t batch = 1);
    [[nodiscard]] Result<Frame> render(const Camera& camera, const Job& job = {});

    /// A fast-weight matrix of one layer and head. Errors: no state yet; layer or head out of range.
    [[nodiscard]] Result<Matrix> fast_weights(const MatrixKey& key) const;

    [[nodiscard]] const Model& model() const;
    [[nodiscard]] const UpdateRule& rule() const;
    [[nodiscard]] std::uint64_t generation() const;
    /// The rule is not the one the weights were trained with: it was only switched at inference.
    [[nodiscard]] bool rule_switched() const;

    /// A session with the same state (shared, not copied); each then goes its own way.
    [[nodiscard]] Session snapshot() const;

    /// For the engine: defined in parts.h.
    struct State;
    [[nodiscard]] const State& state() const { return *state_; }

  private:
    std::unique_ptr<State> state_;
};

}  // namespace lact
