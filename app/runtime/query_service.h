#pragma once

#include "app/runtime/query.h"
#include "engine/core/job.h"
#include "engine/procedural/ground_truth.h"
#include "engine/session/inspection.h"
#include "engine/session/session.h"

#include <filesystem>
#include <map>
#include <optional>
#include <vector>

namespace lact::app {

/// Answers the queries of the sequence panel. It caches the last image.
class SequenceAnswers {
  public:
    /// Errors: those of load_rgb() and VitttExample.
    [[nodiscard]] Result<VitttImages> vittt(const VitttQuery& ask);
    [[nodiscard]] Result<VitttAttention> attention(const VitttAttentionQuery& ask);

  private:
    [[nodiscard]] Result<const VitttExample*> example(const VitttQuery& ask);

    VitttQuery asked_;
    std::optional<VitttExample> example_;
};

/// A small measurement for the panel: two lengths, all rows of table 2, up to three runs of each form.
[[nodiscard]] Result<SequenceSpeeds> quick_sequence_speed(const Job& job);

/// Answers queries about one state. Belongs to the engine thread. Intermediate results of one answer serve
/// the next, until the state changes.
class QueryService {
  public:
    /// Errors: those of Inspection::of. `folder` of the scene: where it was generated, its ground truth can
    /// be queried.
    [[nodiscard]] static Result<QueryService> of(const Session& session, std::vector<PreparedView> inputs,
                                                 std::vector<PreparedView> held_out,
                                                 std::filesystem::path folder);

    /// Errors: a place or a view that is not there; a stopped job.
    [[nodiscard]] Result<Answer> answer(const StateQuery& query, const Job& job);

  private:
    QueryService(Inspection inspection, std::vector<PreparedView> held_out, std::filesystem::path folder)
        : inspection_(std::move(inspection)), held_out_(std::move(held_out)), folder_(std::move(folder)) {}
    [[nodiscard]] Result<Answer> held_out_score(const Job& job);
    [[nodiscard]] Result<Answer> ground_truth(const Camera& camera);
    [[nodiscard]] Result<Answer> after_views(const AfterViewsQuery& ask, const Job& job);
    [[nodiscard]] Result<Answer> image(const Camera& camera, const Job& job);
    [[nodiscard]] Result<Answer> image_after_views(const ImageAfterViewsQuery& ask, const Job& job);

    Inspection inspection_;
    std::vector<PreparedView> held_out_;
    std::filesystem::path folder_;
    SequenceAnswers sequence_;
    std::optional<GroundTruth> ground_truth_;      ///< Created by the first query.
    static constexpr std::size_t kept_states = 2;  ///< A state of large weights is hundreds of MiB.
    std::map<std::size_t, Session> first_views_;   ///< States of the first n input views.
};

}  // namespace lact::app
