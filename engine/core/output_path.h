#pragma once

#include "engine/core/error.h"
#include "engine/core/file_descriptor.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace lact {

// How every writer of the project puts a result in place: under a temporary name beside it, ".NAME.", 16
// random hexadecimal digits and ".part", then by a rename. The name is created and never opened where it
// exists, so that no file or link of the user is written through, and no two writers share one. A writer
// holds a lock (flock) on its temporary file or folder. What a killed program left is therefore told from
// work in progress: the next writer of the same NAME removes it.

/// A file that is being written under a temporary name. Its destructor removes it unless it was published.
class OutputFile {
  public:
    /// Errors: something that a file must not replace is at `target` (check_replaceable()); the folder is
    /// missing or not writable.
    [[nodiscard]] static Result<OutputFile> create(const std::filesystem::path& target);
    OutputFile(OutputFile&& other) noexcept;
    OutputFile& operator=(OutputFile&&) = delete;
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    ~OutputFile() { discard(); }

    /// The temporary name, for libraries that open a file themselves.
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    /// Appends bytes.
    [[nodiscard]] Result<void> write(std::string_view bytes);
    /// Flushes it to the disk and renames it to the target atomically, replacing an older file. After an
    /// error it keeps its temporary name.
    [[nodiscard]] Result<void> publish();
    /// Removes the file. Does nothing after publish().
    void discard() noexcept;

  private:
    OutputFile(std::filesystem::path target, std::filesystem::path path, FileDescriptor fd)
        : target_(std::move(target)), path_(std::move(path)), fd_(std::move(fd)) {}
    std::filesystem::path target_;
    std::filesystem::path path_;  ///< Empty once published or removed.
    FileDescriptor fd_;           ///< Holds the lock.
};

/// A folder that is being filled under a temporary name. Its destructor removes it with its contents unless
/// it was published.
class OutputFolder {
  public:
    /// A temporary folder beside `target`, which must not exist, apart from an empty folder. Errors: as
    /// OutputFile::create().
    [[nodiscard]] static Result<OutputFolder> beside(const std::filesystem::path& target);
    /// A temporary folder within `folder`; `name` tells its purpose.
    [[nodiscard]] static Result<OutputFolder> within(const std::filesystem::path& folder,
                                                     const std::string& name);
    OutputFolder(OutputFolder&& other) noexcept;
    OutputFolder& operator=(OutputFolder&&) = delete;
    OutputFolder(const OutputFolder&) = delete;
    OutputFolder& operator=(const OutputFolder&) = delete;
    ~OutputFolder() { discard(); }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    /// Flushes the folder and renames it to `target`. Error: something other than an empty folder is there.
    [[nodiscard]] Result<void> publish_as(const std::filesystem::path& target);
    /// Removes the folder with its contents. Does nothing after publish_as().
    void discard() noexcept;

  private:
    OutputFolder(std::filesystem::path path, FileDescriptor fd)
        : path_(std::move(path)), fd_(std::move(fd)) {}
    std::filesystem::path path_;  ///< Empty once published or removed.
    FileDescriptor fd_;           ///< Holds the lock.
};

/// Writes a file that does not exist yet, flushed to the disk, for folders that nobody else sees yet: an
/// OutputFolder. Elsewhere use write_file_atomically(). Error: the name is taken, also by a link.
[[nodiscard]] Result<void> write_new_file(const std::filesystem::path& path, std::string_view bytes);

/// Moves a file within a file system. Error: something is at `target` already.
[[nodiscard]] Result<void> move_to_free_name(const std::filesystem::path& from,
                                             const std::filesystem::path& target);

/// A file for reading and writing without a name, beside `target`: the system frees its space when the last
/// descriptor is closed. Errors as OutputFile::create().
[[nodiscard]] Result<FileDescriptor> unnamed_file_beside(const std::filesystem::path& target);

/// Excludes other runs on a folder as long as the descriptor is open. Goes on without a lock on file systems
/// that have none. Errors: the folder cannot be opened; another run, or another object of this program, holds
/// it.
[[nodiscard]] Result<FileDescriptor> lock_folder(const std::filesystem::path& folder);

/// Whether `name` is that of a temporary file or folder of a writer.
[[nodiscard]] bool is_temporary_output(const std::string& name);

/// Whether a file can be written at `path`, tried before long work: with a temporary file beside it.
[[nodiscard]] Result<void> check_output_file(const std::filesystem::path& path);

/// Whether files can be written to the folder `path`, which may have to be created, with its parents. Tried
/// before long work, with a temporary folder in the last folder that exists.
[[nodiscard]] Result<void> check_output_folder(const std::filesystem::path& path);

/// Error: something is at `path`, also behind a link, that a finished file must not replace: a device such as
/// /dev/null, a pipe, a socket or a folder.
[[nodiscard]] Result<void> check_replaceable(const std::filesystem::path& path);

}  // namespace lact
