#pragma once

#include "engine/core/error.h"

#include <filesystem>
#include <string>
#include <utility>

namespace lact::app {

/// A file or folder that is being written under a partial name. Its destructor removes it unless it was
/// published.
class PartialPath {
  public:
    /// Limits what discard() removes: a folder with the name of a partial file stays.
    enum class Kind { file, folder };

    PartialPath(std::filesystem::path path, Kind kind) : path_(std::move(path)), kind_(kind) {}
    PartialPath(const PartialPath&) = delete;
    PartialPath& operator=(const PartialPath&) = delete;
    ~PartialPath() { discard(); }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Flushes it to the disk and renames it to `name` atomically, replacing an older file of that name.
    /// After an error it keeps its partial name.
    [[nodiscard]] Result<void> publish_as(const std::filesystem::path& name);

    /// Removes the file, or the folder with its contents. Does nothing after publish_as().
    void discard() noexcept;

  private:
    std::filesystem::path path_;
    Kind kind_;
    bool published_ = false;
};

/// A folder for intermediate files of one process: empty at first, apart from the folder `sparse`, and
/// removed with its contents by the destructor. Removes the remains of a killed run.
class PartialFolder {
  public:
    /// Errors: it cannot be created; another process, or another object of this one, holds it.
    [[nodiscard]] static Result<PartialFolder> make(const std::filesystem::path& path);
    PartialFolder(PartialFolder&& other) noexcept;
    PartialFolder(const PartialFolder&) = delete;
    PartialFolder& operator=(const PartialFolder&) = delete;
    PartialFolder& operator=(PartialFolder&&) = delete;
    ~PartialFolder();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    PartialFolder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
    std::filesystem::path path_;
    int lock_ = -1;  ///< Descriptor of the locked folder; the lock ends with the process at the latest.
};

/// Text of an `errno` value.
[[nodiscard]] std::string system_reason(int code);

}  // namespace lact::app
