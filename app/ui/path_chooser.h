#pragma once

#include <memory>
#include <optional>
#include <string>

namespace lact::app {

/// The desktop's own dialog for a file or folder, where there is one (zenity, kdialog and the like). It runs
/// beside the program: the window goes on.
class PathChooser {
  public:
    PathChooser();
    ~PathChooser();
    PathChooser(const PathChooser&) = delete;
    PathChooser& operator=(const PathChooser&) = delete;

    /// Whether the desktop has such a dialog.
    [[nodiscard]] static bool available();
    void choose_file(const std::string& title);
    void choose_folder(const std::string& title);
    [[nodiscard]] bool open() const;
    /// What was chosen, once; empty while the dialog is open, and where the person cancelled it.
    [[nodiscard]] std::optional<std::string> take();

  private:
    struct Dialog;
    std::unique_ptr<Dialog> dialog_;
};

}  // namespace lact::app
