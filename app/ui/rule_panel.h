#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"
#include "app/ui/panel_data.h"
#include "app/ui/rule_formula.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lact::app {

/// The update rule as switches, what it computes, and what it does to the inner loss and to the pictures.
class RulePanel {
  public:
    explicit RulePanel(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);

    /// What the readout shows, for tests.
    struct Readout {
        std::optional<double> loss_before, loss_after;  ///< Mean -<f(k), v> of the chosen layer and head.
        std::optional<double> psnr;                     ///< Mean over held-out photos, dB.
        std::optional<double> psnr_trained;             ///< The same with the trained rule.
    };
    [[nodiscard]] const Readout& readout() const { return readout_; }
    [[nodiscard]] PanelData data() const;

  private:
    void draw_presets(PanelContext& context);
    void draw_switches(PanelContext& context, const UpdateRule& rule);
    void draw_orthogonalisation(PanelContext& context, const UpdateRule& rule);
    void draw_readout(PanelContext& context, const StateSummary& state);
    void draw_formula(PanelContext& context, const UpdateRule& rule);
    void choice(PanelContext& context, const char* id, const char* label,
                const std::vector<std::pair<const char*, const char*>>& options);
    void toggle(PanelContext& context, const char* id, const char* label);

    PanelServices services_;
    Readout readout_;
    std::map<std::string, double> trained_psnr_;  ///< By weights, scene and inputs.
};

/// Formulae set line by line; terms that stand for a matrix are links to it (the action look.at).
void draw_formula(PanelContext& context, const PanelServices& services,
                  const std::vector<FormulaLine>& lines);

}  // namespace lact::app
