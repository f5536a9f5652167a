#pragma once

#include "app/commands/controller.h"
#include "app/commands/parameter_table.h"
#include "engine/core/error.h"
#include "engine/experiment/experiment.h"

#include <optional>
#include <string>

namespace lact::app {

class EngineService;

/// The experiments: which one is chosen, its settings, and its runs.
class ExperimentController : private Controller {
  public:
    ExperimentController(PanelServices services, EngineService& engine)
        : Controller(services), engine_(&engine) {}

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);
    [[nodiscard]] Result<void> add_parameters(ParameterTable& parameters);

  private:
    [[nodiscard]] Result<void> add_place(ParameterTable& parameters);
    [[nodiscard]] Result<void> add_numbers(ParameterTable& parameters);
    [[nodiscard]] std::string why_not_run() const;
    [[nodiscard]] std::string why_no_export() const;
    [[nodiscard]] Result<void> run(const RunExperiment& given);
    [[nodiscard]] Result<void> export_report(const ExportExperiment& given) const;
    [[nodiscard]] ExperimentChoice& choice() const { return document().experiment; }

    EngineService* engine_;
};

/// The settings of a run: where the experiment cannot take all layers or heads at once and none is chosen,
/// those of `shown`; bundled weights that were trained with each rule.
[[nodiscard]] ExperimentSettings settings_of_run(const ExperimentUses& uses, ExperimentSettings chosen,
                                                 const Place& shown);
/// Why an experiment cannot run here, whatever is open; empty where it can.
[[nodiscard]] std::string why_unavailable(const ExperimentUses& uses);
/// The id of the experiment that runs, or of the one that waits to begin; null where none does.
[[nodiscard]] const std::string* active_experiment(const Snapshot& snapshot);

}  // namespace lact::app
