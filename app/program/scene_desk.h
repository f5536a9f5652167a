#pragma once

#include "app/core/parameters.h"
#include "app/program/desk.h"
#include "engine/core/error.h"
#include "engine/procedural/world_family.h"

namespace lact::app {

class EngineThread;

/// What is open: bundled and generated scenes, which photos are input views, the model's size, running jobs.
class SceneDesk : private Desk {
  public:
    SceneDesk(PanelServices services, EngineThread& engine, JobRegistry& jobs)
        : Desk(services), engine_(&engine), jobs_(&jobs) {}

    [[nodiscard]] Result<void> add_actions(ActionTable& actions);
    [[nodiscard]] Result<void> add_parameters(ParameterTable& parameters);
    /// Generates an object and opens it: `seed`, or another one each time; `family`, or that of the open
    /// weights. Errors: no whole number, no such family.
    [[nodiscard]] Result<void> generate(const nlohmann::json& with);

  private:
    [[nodiscard]] const WorldFamily* family_of_weights() const;
    [[nodiscard]] Result<void> open(const nlohmann::json& with);
    [[nodiscard]] Result<void> add_opening(ActionTable& actions);
    [[nodiscard]] Result<void> add_inputs(ActionTable& actions);
    [[nodiscard]] Result<void> add_jobs(ActionTable& actions);

    EngineThread* engine_;
    JobRegistry* jobs_;
};

}  // namespace lact::app
