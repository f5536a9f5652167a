#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"
#include "app/ui/panel_data.h"
#include "app/ui/rule_formula.h"
#include "engine/ttt/rule_schema.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lact::app {

/// A new value of a switch.
struct SwitchChange {
    const RuleSwitch* one = nullptr;
    int value = 0;
};

/// Draws a row for every switch that has an effect on the rule; call it between begin_rows() and end_rows().
/// Returns what the user changes in this frame.
[[nodiscard]] std::optional<SwitchChange> draw_switch_rows(PanelContext& context, const UpdateRule& rule);

/// The update rule as switches and as formulae, with its inner loss and its PSNR on held-out photos.
class RulePanel {
  public:
    explicit RulePanel(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);

    /// The figures that the panel shows, for tests.
    struct Readout {
        std::optional<double> loss_before, loss_after;  ///< Mean -<f(k), v> of the selected layer and head.
        std::optional<double> psnr;                     ///< Mean over held-out photos, dB.
        std::optional<double> psnr_trained;             ///< The same with the trained rule.
    };
    [[nodiscard]] const Readout& readout() const { return readout_; }
    [[nodiscard]] PanelData data() const;

  private:
    void draw_presets(PanelContext& context);
    void draw_switches(PanelContext& context, const UpdateRule& rule);
    void draw_readout(PanelContext& context, const StateSummary& state);
    void draw_formula(PanelContext& context, const UpdateRule& rule);

    PanelServices services_;
    Readout readout_;
    std::map<std::string, double> trained_psnr_;  ///< By weights, scene and inputs.
};

/// Draws formulae line by line. Terms that stand for a matrix are links to it (the action look.at).
void draw_formula(PanelContext& context, const PanelServices& services,
                  const std::vector<FormulaLine>& lines);

}  // namespace lact::app
