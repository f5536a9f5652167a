#include "engine/train/trainer.h"

#include "engine/model/device.h"
#include "engine/session/parts.h"
#include "engine/train/training_run.h"

#include <exception>
#include <memory>

namespace lact {

Result<TrainSummary> train(const TrainRequest& request, const TrainEvents& events, const Job& job) {
    try {
        LACT_TRY(const std::unique_ptr<TrainingRun> run, TrainingRun::prepare(request, events, job));
        try {
            auto summary = run->run();
            if (!summary) {
                run->record_failure(summary.error());
            }
            return summary;
        } catch (const std::exception& problem) {
            const Error error = engine_error("training", problem);
            run->record_failure(error);
            return tl::unexpected<Error>(error);
        }
    } catch (const std::exception& problem) {
        return tl::unexpected<Error>(engine_error("training", problem));
    }
}

bool is_divergence(const Error& error) {
    return error.where == divergence_place;
}

}  // namespace lact
