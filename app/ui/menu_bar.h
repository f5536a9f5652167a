#pragma once

#include "app/commands/services.h"
#include "app/ui/shell.h"

#include <string>
#include <vector>

namespace lact::app {

/// The menus, built from the command table, and a summary of weights, device, rule and times on the right.
class MenuBar {
  public:
    /// The shell must outlive this object.
    MenuBar(PanelServices services, Shell& shell) : services_(services), shell_(&shell) {}
    /// Call it after ImGui::BeginMainMenuBar().
    void draw();

  private:
    void draw_group(const std::string& group) const;
    void draw_recent() const;
    void draw_recordings() const;
    void draw_summary() const;

    PanelServices services_;
    Shell* shell_;
    std::vector<std::string> groups_;  ///< From left to right; set by the first draw().
};

}  // namespace lact::app
