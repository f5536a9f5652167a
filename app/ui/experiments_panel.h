#pragma once

#include "app/commands/services.h"
#include "app/platform/assets.h"
#include "app/ui/experiment_report_view.h"
#include "app/ui/panel.h"
#include "app/ui/theme.h"
#include "engine/experiment/experiment.h"

#include <string>

namespace lact::app {

/// How the list marks an experiment: running, agrees, disagrees, done, stopped, or not run yet.
struct ExperimentMark {
    std::string text;
    ImVec4 colour;
    std::string tooltip;  ///< The verdict in words, or why it ended early; may be empty.
};
/// `outcome`: of its last run; null where there is none.
[[nodiscard]] ExperimentMark mark_of(const ExperimentOutcome* outcome, const Palette& colours);

/// The experiments: a list with the state of each, and the chosen one with the paper's claim, its settings,
/// and the report of its last run, which grows while it runs.
class ExperimentsPanel {
  public:
    explicit ExperimentsPanel(PanelServices services) : services_(services), report_(services) {}
    void draw(PanelContext& context);

    /// The columns with numbers of the tables of the report, and the series of its plots.
    [[nodiscard]] PanelData data() const;
    /// The last run of the chosen experiment; null where there is none.
    [[nodiscard]] const ExperimentOutcome* outcome() const;

  private:
    void draw_list(PanelContext& context);
    void draw_settings(PanelContext& context, const ExperimentUses& uses);
    void draw_place(PanelContext& context, const ExperimentUses& uses);
    void draw_run(PanelContext& context);

    PanelServices services_;
    RuleWeightsLookup rule_weights_;
    ExperimentReportView report_;
};

}  // namespace lact::app
