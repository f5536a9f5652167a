#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"
#include "app/ui/panel_data.h"
#include "app/ui/side_chooser.h"

#include <string>
#include <vector>

namespace lact::app {

/// Two sides: what they are, how they are shown, how far they are apart, now, lately and over all held-out
/// views.
class ComparePanel {
  public:
    explicit ComparePanel(PanelServices services)
        : services_(services),
          a_(services, "compare.a", &CompareState::a),
          b_(services, "compare.b", &CompareState::b) {}
    void draw(PanelContext& context);

    /// The rows of the table in the order in which they are shown.
    [[nodiscard]] std::vector<CompareRow> sorted_rows() const;
    /// The table as it is sorted.
    [[nodiscard]] PanelData data() const;

  private:
    void draw_header(PanelContext& context);
    void draw_mode(PanelContext& context);
    void draw_figures(PanelContext& context);
    void draw_warnings(PanelContext& context);
    void draw_history();
    void draw_table(PanelContext& context);
    void draw_table_header(PanelContext& context);

    PanelServices services_;
    SideChooser a_;
    SideChooser b_;
};

}  // namespace lact::app
