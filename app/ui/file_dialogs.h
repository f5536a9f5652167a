#pragma once

#include "app/commands/services.h"
#include "app/document/scene_prober.h"
#include "app/platform/assets.h"
#include "app/ui/file_browser.h"
#include "app/ui/panel.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lact::app {

/// The size that a scene has when it is opened now: that of the open one stays. Weights are open.
[[nodiscard]] Size size_to_open(const Snapshot& snapshot, const Document& document);

/// Asks for the path of a scene folder, weight file, session or script: bundled and recent ones with
/// thumbnails, any folder as a list, and a field to type the path.
class OpenDialog {
  public:
    OpenDialog(PanelServices services, PreviewImages& previews, std::function<void()> wake)
        : services_(services), previews_(&previews), browser_(previews), prober_(std::move(wake)) {}
    void draw(PanelContext& context);
    /// The folder whose entries are listed; empty before one was.
    [[nodiscard]] const std::filesystem::path& folder() const { return browser_.folder(); }
    /// What the path in the field stands for: a relative one is of the folder that is listed.
    [[nodiscard]] std::filesystem::path typed() const;

  private:
    /// Opens what is typed; a folder that is nothing the program opens is listed.
    void choose();
    void open(const std::string& path);
    void draw_field(PanelContext& context);
    void draw_start(PanelContext& context, ImVec2 size);
    void draw_recent(PanelContext& context);
    void draw_places(PanelContext& context);
    void draw_bundled_scenes(PanelContext& context);
    void draw_bundled_weights(PanelContext& context);
    /// Describes the file at the path and the memory that opening it needs.
    void draw_probe(PanelContext& context);

    PanelServices services_;
    PreviewImages* previews_;
    FileBrowser browser_;
    SceneProber prober_;
    std::string path_;
    bool at_start_ = true;  ///< Bundled and recent ones; otherwise the list of a folder.
};

/// Asks where a command writes (Document::save_request), and before it replaces a file.
class SaveDialog {
  public:
    SaveDialog(PanelServices services, PreviewImages& previews) : services_(services), browser_(previews) {}
    void draw(PanelContext& context);

  private:
    void begin(const SaveRequest& request);
    void draw_name(PanelContext& context, const SaveRequest& request);
    void draw_buttons(PanelContext& context, const SaveRequest& request, bool entered);
    /// The chosen path, with the first extension of the request where it has none of them.
    [[nodiscard]] std::filesystem::path chosen(const SaveRequest& request) const;
    /// Why nothing can be written there; empty: it can.
    [[nodiscard]] std::string why_not(const SaveRequest& request) const;
    /// The line above the name: where it is saved, why it cannot be, or that the file exists already.
    [[nodiscard]] std::string sentence(const SaveRequest& request) const;
    void save(const SaveRequest& request);
    bool draw_replace(PanelContext& context);

    PanelServices services_;
    FileBrowser browser_;
    std::string name_;
    std::optional<std::filesystem::path> replaces_;  ///< The file that the user is asked about.
    bool begun_ = false;
    bool focus_ = false;
};

/// Asks for a folder. One is enough for all fields that take a folder.
class FolderDialog {
  public:
    explicit FolderDialog(PreviewImages& previews) : browser_(previews) {}
    /// Opens the dialog at a folder, or at the current one.
    void ask(const std::string& at);
    /// Draws it within the current ID scope. Returns the folder that was chosen, once.
    std::optional<std::string> draw(PanelContext& context);

  private:
    FileBrowser browser_;
    bool asked_ = false;
};

}  // namespace lact::app
