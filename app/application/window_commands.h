#pragma once

#include "app/commands/session_controller.h"
#include "app/ui/panel_set.h"
#include "app/ui/shell.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace lact::app {

/// The commands and parameters of the window: theme, layout, panels, and images of them.
class WindowCommands {
  public:
    /// All must outlive this.
    WindowCommands(PanelServices services, Shell& shell, PanelSet& panels, const SessionController& sessions)
        : services_(services), shell_(&shell), panels_(&panels), sessions_(&sessions) {}

    [[nodiscard]] Result<void> add_to(Tables& tables);
    /// After a frame: saves the images that were requested.
    [[nodiscard]] Result<void> save_images();

  private:
    /// An image to save after this frame: of the window, or of one panel.
    struct ImageRequest {
        std::filesystem::path path;
        std::string panel;  ///< Empty: the whole window.
    };
    [[nodiscard]] Result<void> add_view(CommandTable& commands);
    [[nodiscard]] Result<void> add_panels(CommandTable& commands);
    [[nodiscard]] Result<void> add_parameters(ParameterTable& parameters);
    [[nodiscard]] Result<void> show_panel(const std::string& title);
    /// What stands at the head of a panel's numbers: those of the open state, and program and panel.
    [[nodiscard]] std::map<std::string, std::string> about_panel(const std::string& panel,
                                                                 bool of_open_state) const;
    [[nodiscard]] Result<void> export_panel(const std::string& panel, const std::filesystem::path& path);

    PanelServices services_;
    Shell* shell_;
    PanelSet* panels_;
    const SessionController* sessions_;
    std::vector<ImageRequest> images_;
};

}  // namespace lact::app
