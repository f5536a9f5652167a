#pragma once

#include "engine/core/error.h"

#include <filesystem>

namespace lact::app {

/// A folder for work in progress, empty at first, held by one process at a time and removed with everything
/// in it when this object goes. What a run that was killed left behind is removed, too.
class PartFolder {
  public:
    /// Errors: it cannot be made; another process, or another object of this one, holds it.
    [[nodiscard]] static Result<PartFolder> make(const std::filesystem::path& path);
    PartFolder(PartFolder&& other) noexcept;
    PartFolder(const PartFolder&) = delete;
    PartFolder& operator=(const PartFolder&) = delete;
    PartFolder& operator=(PartFolder&&) = delete;
    ~PartFolder();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    PartFolder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
    std::filesystem::path path_;
    int lock_ = -1;  ///< The folder, open and locked; the lock ends with the process, however it ends.
};

}  // namespace lact::app
