#pragma once

#include "app/document/folder_listing.h"
#include "app/document/preview_loader.h"
#include "app/gfx/canvas.h"
#include "app/ui/panel.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lact::app {

/// A thumbnail and what a path opens as, drawn beside its name.
class PreviewImages {
  public:
    explicit PreviewImages(std::function<void()> wake) : loader_(std::move(wake)) {}

    /// The preview of a path; null until it is loaded.
    [[nodiscard]] std::shared_ptr<const Preview> of(const std::filesystem::path& path) {
        return loader_.of(path);
    }
    /// Draws the thumbnail of a path within a square, or an icon where there is none. Returns the preview;
    /// null until it is loaded.
    std::shared_ptr<const Preview> draw(PanelContext& context, const std::filesystem::path& path,
                                        bool is_folder, ImVec2 corner, float side,
                                        std::filesystem::file_time_type modified = {});

  private:
    struct Shown {
        std::shared_ptr<const Preview> preview;
        gfx::Texture texture;
    };
    PreviewLoader loader_;
    std::map<std::filesystem::path, Shown> shown_;
};

/// What the user did in a FileBrowser.
struct BrowserEvent {
    enum class Kind { none, selected, opened };
    Kind kind = Kind::none;
    FolderEntry entry;
    OpenKind opens_as = OpenKind::unknown;  ///< As far as it is known.
};

/// The part of a file dialog that lists a folder: its path to click on, and its entries with thumbnails,
/// kinds, sizes and times.
class FileBrowser {
  public:
    explicit FileBrowser(PreviewImages& previews) : previews_(&previews) {}

    /// Lists another folder.
    void go_to(const std::filesystem::path& folder);
    [[nodiscard]] const std::filesystem::path& folder() const { return listing_.folder; }
    /// The entry that a click selected; empty if none is.
    [[nodiscard]] const std::filesystem::path& selected() const { return selected_; }
    /// Draws the list within `size` pixels. `shows`: which entries; empty: all. A double click on a folder
    /// goes there unless it opens as something; a double click on anything else is
    /// BrowserEvent::Kind::opened.
    BrowserEvent draw(PanelContext& context, ImVec2 size,
                      const std::function<bool(const FolderEntry&)>& shows = {});

    /// common_places() of when the window of the dialog appeared: some may be of a slow disk.
    [[nodiscard]] const std::vector<FolderPlace>& places();
    /// Draws places to go to, `width` pixels wide. Returns the chosen one.
    static std::optional<FolderPlace> draw_places(PanelContext& context,
                                                  const std::vector<FolderPlace>& places,
                                                  const std::filesystem::path& current);

  private:
    void list(const std::filesystem::path& folder);
    void refresh(double now);
    void draw_path(PanelContext& context);
    [[nodiscard]] std::optional<std::filesystem::path> draw_folders(PanelContext& context, float space) const;
    BrowserEvent draw_row(PanelContext& context, const FolderEntry& entry, float height);

    PreviewImages* previews_;
    FolderListing listing_;
    std::vector<FolderPlace> places_;
    double listed_at_ = -1e9;                      ///< Seconds of ImGui::GetTime().
    static constexpr double quickest_refresh = 2;  ///< Seconds.
    double refresh_seconds_ = quickest_refresh;
    bool hidden_ = false;
    std::filesystem::path selected_;
    bool to_top_ = false;
};

/// A text field for a path. Tab completes it; `base` is the folder of relative paths. Returns whether Enter
/// was pressed.
bool path_input(const char* label, std::string& path, const std::filesystem::path& base);

}  // namespace lact::app
