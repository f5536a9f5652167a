#pragma once

#include "app/commands/services.h"
#include "app/ui/shell.h"

#include <string>
#include <vector>

namespace lact::app {

/// The menus, made of the command table, and at the right end what is in use and what it costs.
class MenuBar {
  public:
    /// The shell must outlive this.
    MenuBar(PanelServices services, Shell& shell) : services_(services), shell_(&shell) {}
    /// Within ImGui::BeginMainMenuBar().
    void draw();

  private:
    void draw_group(const std::string& group) const;
    void draw_summary() const;

    PanelServices services_;
    Shell* shell_;
    std::vector<std::string> groups_;  ///< From left to right; made when first drawn.
};

}  // namespace lact::app
