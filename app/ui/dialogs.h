#pragma once

#include "app/commands/services.h"
#include "app/document/scene_prober.h"
#include "app/platform/assets.h"
#include "app/runtime/find_poses.h"
#include "app/runtime/log.h"
#include "app/ui/panel.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lact::app {

/// The file dialog of the desktop (zenity, kdialog and similar), if it has one. The dialog is a process of
/// its own and does not block the window.
class PathChooser {
  public:
    PathChooser();
    ~PathChooser();
    PathChooser(const PathChooser&) = delete;
    PathChooser& operator=(const PathChooser&) = delete;

    /// Returns whether the desktop has a file dialog.
    [[nodiscard]] static bool available();
    void choose_file(const std::string& title);
    void choose_folder(const std::string& title);
    [[nodiscard]] bool open() const;
    /// Returns the chosen path, once. Empty while the dialog is open and after the user cancels.
    [[nodiscard]] std::optional<std::string> take();

  private:
    struct Dialog;
    std::unique_ptr<Dialog> dialog_;
};

/// Shows newly logged errors: where, what and what to do. For a scene that needs too much memory it offers
/// fewer views or a smaller size.
class ErrorDialog {
  public:
    explicit ErrorDialog(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);

  private:
    /// Draws buttons for requests that fit into memory. Returns true if the user chooses one.
    bool draw_offer(PanelContext& context);

    PanelServices services_;
    std::uint64_t seen_ = 0;
    std::vector<LogEntry> errors_;
    std::shared_ptr<const MemoryOffer> dismissed_;  ///< Already shown with an earlier error.
};

/// Asks for the path of a scene folder, weight file, session or script. Lists bundled assets and recent
/// files.
class OpenDialog {
  public:
    OpenDialog(PanelServices services, std::function<void()> wake)
        : services_(services), prober_(std::move(wake)) {}
    void draw(PanelContext& context);

  private:
    void choose(const std::string& path);
    void draw_native(PanelContext& context);
    /// Draws a button per asset, wrapped to the width. Calls `open` with the name of a pressed one.
    void draw_bundled(PanelContext& context, const char* icon, std::span<const BundledAsset> assets,
                      const std::function<void(const std::string& name)>& open);
    [[nodiscard]] std::optional<std::string> take_native(PanelContext& context);
    /// Describes the file at the path and the memory that opening it needs.
    void draw_probe(PanelContext& context);

    PanelServices services_;
    std::string path_;
    PathChooser chooser_;
    SceneProber prober_;
};

/// Opens for a folder of photos without camera poses. Explains pose estimation with COLMAP and starts it with
/// the command `scene.find_poses`.
class PosesDialog {
  public:
    explicit PosesDialog(PanelServices services) : services_(services) {}

    void draw(PanelContext& context);

  private:
    [[nodiscard]] std::optional<PosesOffer>& offer() const { return services_.document->poses_offer; }
    void draw_explanation(const PanelContext& context) const;
    void draw_choices(const PanelContext& context);
    void draw_buttons(const PanelContext& context);
    void find();
    void close();

    PanelServices services_;
    PhotoMatching matching_ = PhotoMatching::automatic;
    bool one_camera_ = true;
};

}  // namespace lact::app
