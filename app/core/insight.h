#pragma once

#include "app/core/questions.h"
#include "app/core/sequence_answers.h"
#include "engine/core/job.h"
#include "engine/procedural/ground_truth.h"
#include "engine/session/inspection.h"
#include "engine/session/session.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace lact::app {

/// Answers questions about one state. Of the engine's thread; what it computed for one answer serves the
/// next, until the state changes.
class Insight {
  public:
    /// Errors: those of Inspection::of. `folder` of the scene: where it was generated, its truth can be asked
    /// for.
    [[nodiscard]] static Result<Insight> of(const Session& session, std::vector<PreparedView> inputs,
                                            std::vector<PreparedView> held_out, std::filesystem::path folder);

    /// Errors: a place or a view that is not there; a stopped job.
    [[nodiscard]] Result<Answer> answer(const Question& question, const Job& job);

  private:
    Insight(Inspection inspection, std::vector<PreparedView> held_out, std::filesystem::path folder)
        : inspection_(std::move(inspection)), held_out_(std::move(held_out)), folder_(std::move(folder)) {}
    [[nodiscard]] Result<Answer> held_out_score(const Job& job);
    [[nodiscard]] Result<Answer> truth(const Camera& camera);
    [[nodiscard]] Result<Answer> after_views(const AskAfterViews& ask, const Job& job);
    [[nodiscard]] Result<Answer> picture(const Camera& camera, const Job& job);
    [[nodiscard]] Result<Answer> picture_after_views(const AskPictureAfterViews& ask, const Job& job);

    Inspection inspection_;
    std::vector<PreparedView> held_out_;
    std::filesystem::path folder_;
    SequenceAnswers sequence_;
    std::optional<GroundTruth> truth_;            ///< Made when first asked for.
    std::map<std::size_t, Session> first_views_;  ///< States of the first n input views.
};

}  // namespace lact::app
