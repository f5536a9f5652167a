#pragma once

#include "app/core/parameters.h"
#include "app/program/desk.h"
#include "engine/core/error.h"

namespace lact::app {

class EngineThread;

/// What is open: bundled and generated scenes, which photos are input views, the model's size, running jobs.
class SceneDesk : private Desk {
  public:
    SceneDesk(PanelServices services, EngineThread& engine, JobRegistry& jobs)
        : Desk(services), engine_(&engine), jobs_(&jobs) {}

    [[nodiscard]] Result<void> add_actions(ActionTable& actions);
    [[nodiscard]] Result<void> add_parameters(ParameterTable& parameters);
    /// Generates an object and opens it: `seed`, or another one each time. Errors: no whole number.
    [[nodiscard]] Result<void> generate(const nlohmann::json& with);

  private:
    [[nodiscard]] Result<void> open(const nlohmann::json& with);
    [[nodiscard]] Result<void> add_opening(ActionTable& actions);
    [[nodiscard]] Result<void> add_inputs(ActionTable& actions);
    [[nodiscard]] Result<void> add_jobs(ActionTable& actions);

    EngineThread* engine_;
    JobRegistry* jobs_;
};

}  // namespace lact::app
