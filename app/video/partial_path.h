#pragma once

#include "engine/core/error.h"

#include <filesystem>
#include <string>
#include <utility>

namespace lact::app {

/// A file or folder that is being written and does not bear its final name yet: removed at the end of its
/// scope unless it was published.
class PartialPath {
  public:
    /// Decides what discard() may remove: a folder of the same name as a partial file is not ours.
    enum class Kind { file, folder };

    PartialPath(std::filesystem::path path, Kind kind) : path_(std::move(path)), kind_(kind) {}
    PartialPath(const PartialPath&) = delete;
    PartialPath& operator=(const PartialPath&) = delete;
    ~PartialPath() { discard(); }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Flushes it to the disk and renames it to `name`, in one step for whoever looks at that name: an older
    /// file of that name stays until then. After an error it is still there under its partial name.
    [[nodiscard]] Result<void> publish_as(const std::filesystem::path& name);

    /// Removes it, with all that a folder holds. Does nothing after publish_as().
    void discard() noexcept;

  private:
    std::filesystem::path path_;
    Kind kind_;
    bool snapshot_ = false;
};

/// The system's words for an `errno` value.
[[nodiscard]] std::string system_reason(int code);

}  // namespace lact::app
