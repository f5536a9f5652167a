#pragma once

#include "app/document/open_target.h"
#include "engine/scene/image.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace lact::app {

/// What a file dialog shows of a file or folder beside its name.
struct Preview {
    OpenKind kind = OpenKind::unknown;
    bool there = true;                        ///< Something is at the path.
    bool folder = false;                      ///< It is a folder.
    std::shared_ptr<const Image8> thumbnail;  ///< RGB, at most thumbnail_side pixels; null: none.
};

inline constexpr int thumbnail_side = 128;

/// "scene", "weights"; empty for `unknown`.
[[nodiscard]] std::string kind_words(OpenKind kind);

/// The first photo of a scene or of a folder of photos, or the image itself, as a thumbnail; and what the
/// path opens as. Reads files: not for the thread of the window.
[[nodiscard]] Preview load_preview(const std::filesystem::path& path);

/// Loads previews on a thread of its own, the last requested ones first. Keeps the newest thousand.
class PreviewLoader {
  public:
    /// `wake`: called on that thread when a preview is there.
    explicit PreviewLoader(std::function<void()> wake);
    ~PreviewLoader();
    PreviewLoader(const PreviewLoader&) = delete;
    PreviewLoader& operator=(const PreviewLoader&) = delete;

    /// The preview of a path; null until it is loaded. `modified`: another time loads it again.
    [[nodiscard]] std::shared_ptr<const Preview> of(const std::filesystem::path& path,
                                                    std::filesystem::file_time_type modified = {});

  private:
    struct Shared;
    std::shared_ptr<Shared> shared_;  ///< Outlives a read that hangs on a slow disk.
};

}  // namespace lact::app
