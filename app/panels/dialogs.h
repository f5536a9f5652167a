#pragma once

#include "app/core/log.h"
#include "app/panels/path_chooser.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <cstdint>
#include <string>
#include <vector>

namespace lact::app {

/// What stops the person: an error that was logged since the last look, with what, where and what to do.
class ErrorDialog {
  public:
    explicit ErrorDialog(const ErrorLog& log) : log_(&log) {}
    void draw(window::PanelContext& context);

  private:
    const ErrorLog* log_;
    std::uint64_t seen_ = 0;
    std::vector<LogEntry> errors_;
};

/// Asks for the path of a scene folder, weight file or script; offers bundled scenes and what was open
/// before.
class OpenDialog {
  public:
    OpenDialog(PanelServices services, const std::vector<std::string>& recent)
        : services_(services), recent_(&recent) {}
    void open() { wanted_ = true; }
    void draw(window::PanelContext& context);

  private:
    void choose(const std::string& path);
    void draw_native(window::PanelContext& context);

    PanelServices services_;
    const std::vector<std::string>* recent_;
    bool wanted_ = false;
    std::string path_;
    PathChooser chooser_;
};

}  // namespace lact::app
