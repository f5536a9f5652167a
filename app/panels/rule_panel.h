#pragma once

#include "app/core/panel_data.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

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
    void draw(window::PanelContext& context);

    /// What the readout shows, for tests.
    struct Readout {
        std::optional<double> loss_before, loss_after;  ///< Mean -<f(k), v> of the chosen layer and head.
        std::optional<double> psnr;                     ///< Mean over held-out photos, dB.
        std::optional<double> psnr_trained;             ///< The same with the trained rule.
    };
    [[nodiscard]] const Readout& readout() const { return readout_; }
    [[nodiscard]] PanelData data() const;

  private:
    void draw_presets(window::PanelContext& context);
    void draw_switches(window::PanelContext& context, const UpdateRule& rule);
    void draw_orthogonalisation(window::PanelContext& context, const UpdateRule& rule);
    void draw_readout(window::PanelContext& context, const StateSummary& state);
    void draw_formula(window::PanelContext& context, const UpdateRule& rule);
    void choice(window::PanelContext& context, const char* id, const char* label,
                const std::vector<std::pair<const char*, const char*>>& options);
    void toggle(window::PanelContext& context, const char* id, const char* label);

    PanelServices services_;
    Readout readout_;
    std::map<std::string, double> trained_psnr_;  ///< By weights, scene and inputs.
};

}  // namespace lact::app
