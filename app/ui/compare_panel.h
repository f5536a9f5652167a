#pragma once

#include "app/commands/services.h"
#include "app/platform/assets.h"
#include "app/ui/panel.h"
#include "app/ui/side_chooser.h"

#include <string>
#include <vector>

namespace lact::app {

/// Comparison of two sides: their choice, the display mode, and PSNR and SSIM for the current camera, over
/// time and over all held-out views.
class ComparePanel {
  public:
    explicit ComparePanel(PanelServices services)
        : services_(services),
          a_(services, "compare.a", &CompareState::a),
          b_(services, "compare.b", &CompareState::b) {}
    void draw(PanelContext& context);

    /// The rows of the table in their order on screen.
    [[nodiscard]] std::vector<CompareRow> sorted_rows() const;
    /// The table in its order on screen. Error: it is that of the sides before.
    [[nodiscard]] Result<PanelData> data() const;

  private:
    /// The sides are those that are chosen; otherwise others are being made, and what is there is of those
    /// before.
    [[nodiscard]] bool sides_are_current() const;
    void draw_header(PanelContext& context);
    void draw_mode(PanelContext& context);
    void draw_figures(PanelContext& context);
    void draw_warnings(PanelContext& context);
    void draw_history();
    void draw_table(PanelContext& context);
    void draw_table_header(PanelContext& context);

    PanelServices services_;
    RuleWeightsLookup rule_weights_;
    SideChooser a_;
    SideChooser b_;
};

}  // namespace lact::app
