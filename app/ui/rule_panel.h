#pragma once

#include "app/commands/services.h"
#include "app/platform/assets.h"
#include "app/ui/panel.h"
#include "engine/ttt/rule_schema.h"
#include "engine/ttt/update_rule.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lact::app {

/// A term of a formula. `shows` names the matrix that it stands for, as the argument of the command ShowTerm;
/// empty: none.
struct FormulaTerm {
    std::string text;
    std::string shows;
};

/// One line of the computation, with its explanation.
struct FormulaLine {
    std::vector<FormulaTerm> terms;
    std::string tooltip;
};
[[nodiscard]] std::string text_of(const FormulaLine& line);

/// Returns the update rule as formulae of row vectors in the order of computation: network, inner loss,
/// gradient, update, linear-attention form, read (arXiv 2505.23884, section 3; arXiv 2602.21204,
/// theorem 5.1).
[[nodiscard]] std::vector<FormulaLine> rule_formula(const UpdateRule& rule);

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

    /// The figures in the panel.
    struct Readout {
        std::optional<double> loss_before,
            loss_after;                      ///< Mean of the rule's own loss, selected layer and head.
        std::optional<double> psnr;          ///< Mean over at most 64 held-out photos, dB.
        std::optional<double> psnr_trained;  ///< The same with the trained rule.
    };
    [[nodiscard]] const Readout& readout() const { return readout_; }
    /// The readout. Error: it is not that of the present state, layer and head.
    [[nodiscard]] Result<PanelData> data() const;

  private:
    void draw_presets(PanelContext& context);
    void draw_switches(PanelContext& context, const UpdateRule& rule);
    void draw_readout(PanelContext& context, const StateSummary& state);
    void draw_formula(PanelContext& context, const UpdateRule& rule);

    PanelServices services_;
    RuleWeightsLookup has_trained_weights_;
    Readout readout_;
    std::shared_ptr<const Answered> loss_, score_;  ///< The answers that it is of.
    std::map<std::string, double> trained_psnr_;  ///< Of the trained rule, dB, by weights, scene and inputs.
};

/// Draws formulae line by line. A click on a term that stands for a matrix shows it (command ShowTerm).
void draw_formula(PanelContext& context, const PanelServices& services,
                  const std::vector<FormulaLine>& lines);

}  // namespace lact::app
