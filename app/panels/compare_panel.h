#pragma once

#include "app/core/panel_data.h"
#include "app/panels/side_chooser.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <string>
#include <vector>

namespace lact::app {

/// Two sides: what they are, how they are shown, how far they are apart, now, lately and over all held-out
/// views.
class ComparePanel {
  public:
    /// `recent` are paths opened last; must outlive this.
    ComparePanel(PanelServices services, const std::vector<std::string>& recent)
        : services_(services),
          a_(services, "compare.a", &CompareState::a, recent),
          b_(services, "compare.b", &CompareState::b, recent) {}
    void draw(window::PanelContext& context);

    /// The rows of the table in the order in which they are shown.
    [[nodiscard]] std::vector<CompareRow> sorted_rows() const;
    /// The table as it is sorted.
    [[nodiscard]] PanelData data() const;

  private:
    void draw_header(window::PanelContext& context);
    void draw_mode(window::PanelContext& context);
    void draw_figures(window::PanelContext& context);
    void draw_warnings(window::PanelContext& context);
    void draw_history();
    void draw_table(window::PanelContext& context);
    void draw_table_header(window::PanelContext& context);

    PanelServices services_;
    SideChooser a_;
    SideChooser b_;
};

}  // namespace lact::app
