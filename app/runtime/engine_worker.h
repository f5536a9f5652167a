#pragma once

#include "app/compare/comparison.h"
#include "app/runtime/query_service.h"
#include "app/runtime/setup_request.h"
#include "app/runtime/snapshot.h"
#include "engine/core/job.h"
#include "engine/experiment/experiment.h"
#include "engine/scene/view_set.h"
#include "engine/session/session.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lact::app {

/// A failed set-up: why, and where.
struct SetUpError {
    Error error;
    SetUpStage stage = SetUpStage::state;
};

/// What the engine thread works with: weights, scene and session, and how requests change them. All or
/// nothing: a request that fails or is stopped leaves everything as it was, and what was loaded for it is
/// kept for the next try. One thread at a time.
class EngineWorker {
  public:
    explicit EngineWorker(ComputeOptions compute) : compute_(std::move(compute)) {}

    /// Loads the weights and decodes the scene that the requests need, without using them yet.
    [[nodiscard]] tl::expected<void, SetUpError> load(const EngineRequests& requests, const Job& job);
    /// Fulfils the requests (loading what load() has not). Where there is no scene yet all but the weights
    /// stay in `requests`, and all of them where it fails. True where anything changed.
    [[nodiscard]] tl::expected<bool, SetUpError> set_up(EngineRequests& requests, const Job& job);
    /// Releases what was loaded and not used.
    void forget_loaded();

    [[nodiscard]] bool ready() const { return session_.has_value() && session_->ready(); }
    /// Errors: those of Session::render and Session::fast_weights. Both carry generation().
    [[nodiscard]] Result<Frame> render(const Camera& camera, const Job& job);
    [[nodiscard]] Result<Matrix> matrix(const MatrixKey& key) const;
    [[nodiscard]] bool has_matrix(const MatrixKey& key) const;
    /// The answer, or why there is none; an error only where the job was stopped.
    [[nodiscard]] Result<Answered> answer(const StateQuery& query, const Job& job);

    /// What an experiment works on: a snapshot of the state, seen from the camera at the size of the scene.
    /// Only where ready().
    [[nodiscard]] ExperimentInput experiment_input(const Camera& camera) const;

    /// Makes the sides of a comparison over what is open. Errors: those of Comparison::set().
    [[nodiscard]] Result<void> set_sides(const CompareRequest& request, const Job& job);
    void end_comparison() { comparison_.end(); }
    [[nodiscard]] Comparison& comparison() { return comparison_; }

    /// The camera with a size that the weights can render: its own, or that of the scene.
    [[nodiscard]] Camera fitted(const Camera& camera) const;

    /// Summaries of what is open; null where there is none.
    [[nodiscard]] std::shared_ptr<const WeightsSummary> weights() const { return weights_; }
    [[nodiscard]] std::shared_ptr<const SceneSummary> scene() const { return scene_; }
    [[nodiscard]] std::shared_ptr<const StateSummary> state() const { return state_; }
    /// A request that fits into memory in place of the last one; null where that fits.
    [[nodiscard]] std::shared_ptr<const MemoryOffer> offer() const { return offer_; }
    [[nodiscard]] std::uint64_t scene_opening() const { return open_.opening.sequence; }

  private:
    /// A scene with all of its photos decoded, and what asked for it. No `set`: there is none.
    struct OpenScene {
        Opening<SceneRequest> opening;
        std::shared_ptr<const ViewSet> set;
        std::vector<std::size_t> inputs;        ///< The inputs that the request chose,
        std::vector<SceneRemark> about_inputs;  ///< and what is to be said of these.
    };
    /// What the next state consists of.
    struct Plan {
        std::shared_ptr<const Model> model;
        OpenScene scene;
        std::vector<std::size_t> inputs;
        UpdateRule rule;
    };
    Result<std::shared_ptr<const Model>> model_for(const EngineRequests& requests, const Job& job);
    Result<OpenScene> scene_for(const EngineRequests& requests, const Model& model, const Job& job);
    /// `choice`: of input views, where one is requested.
    Result<OpenScene> read_and_decode(const Opening<SceneRequest>& opening,
                                      const std::optional<InputChoice>& choice, Size size, const Model& model,
                                      const Job& job);
    Result<bool> enter_state(const Plan& plan, const Job& job);
    Result<void> check_memory_for(const SceneFiles& files, const SceneRequest& request, const Model& model,
                                  const Job& job);
    void commit_weights(const std::shared_ptr<const Model>& model);
    void commit_scene(const Plan& plan);

    ComputeOptions compute_;
    std::shared_ptr<const Model> model_;
    std::optional<Session> session_;
    std::optional<QueryService>
        query_service_;      ///< Into the state of `generation_`; made when first asked for.
    Comparison comparison_;  ///< One for the whole run: it numbers sides and pairs.
    OpenScene open_;
    std::vector<std::size_t> inputs_;
    std::uint64_t generation_ = 0;

    std::shared_ptr<const WeightsSummary> weights_;
    std::shared_ptr<const SceneSummary> scene_;
    std::shared_ptr<const StateSummary> state_;
    std::shared_ptr<const MemoryOffer> offer_;

    /// Loaded for requests that were stopped: used if they come again.
    std::optional<Opening<std::shared_ptr<const Model>>> spare_model_;
    OpenScene spare_scene_;
};

}  // namespace lact::app
