#pragma once

#include "app/core/sequence_questions.h"
#include "engine/core/job.h"

#include <optional>

namespace lact::app {

/// Answers the sequence panel's questions; the picture last asked about is kept.
class SequenceAnswers {
  public:
    /// Errors: those of load_rgb() and VitttExample.
    [[nodiscard]] Result<VitttPictures> vittt(const AskVittt& ask);
    [[nodiscard]] Result<VitttAttention> attention(const AskVitttAttention& ask);

  private:
    [[nodiscard]] Result<const VitttExample*> example(const AskVittt& ask);

    AskVittt asked_;
    std::optional<VitttExample> example_;
};

/// A small measurement for the panel: two lengths, all rows of table 2, up to three runs of each form.
[[nodiscard]] Result<SequenceSpeeds> quick_sequence_speed(const Job& job);

}  // namespace lact::app
