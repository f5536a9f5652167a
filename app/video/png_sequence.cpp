#include "app/video/png_sequence.h"

#include "engine/core/files.h"

#include <algorithm>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

namespace lact::app {

namespace {

namespace fs = std::filesystem;

constexpr const char* staging_in_folder = ".part";

std::string frame_name(int index) {
    return fmt::format("{:05d}.png", index);
}

/// Five or more digits and `.png`.
bool is_frame_name(std::string_view name) {
    constexpr std::string_view extension = ".png";
    if (!name.ends_with(extension)) {
        return false;
    }
    name.remove_suffix(extension.size());
    return name.size() >= 5 &&
           std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A frame, or a partial one of a killed run.
bool is_staged_name(std::string_view name) {
    constexpr std::string_view part = ".part";
    return is_frame_name(name.ends_with(part) ? name.substr(0, name.size() - part.size()) : name);
}

/// The first entry of a folder, in alphabetical order, that `expected` does not accept; empty: none.
template <class Predicate>
Result<fs::path> first_stranger(const fs::path& folder, const Predicate& expected) {
    std::error_code error;
    fs::path stranger;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const fs::path name = entry->path().filename();
        if (!expected(name.string()) && (stranger.empty() || name < stranger)) {
            stranger = name;
        }
    }
    if (error) {
        return fail(folder.string(), "cannot be listed: " + error.message());
    }
    return stranger;
}

/// Removes a staging folder of a killed run. Error: it holds other files.
Result<void> remove_leftover(const fs::path& staging) {
    std::error_code error;
    const fs::file_status status = fs::symlink_status(staging, error);
    if (!fs::exists(status)) {
        return {};
    }
    if (!fs::is_directory(status)) {
        return fail(staging.string(), "is in the way: the frames are collected under this name",
                    "Move it, or choose another output.");
    }
    LACT_TRY(const fs::path stranger, first_stranger(staging, is_staged_name));
    if (!stranger.empty()) {
        return fail(
            staging.string(),
            fmt::format("is in the way and holds {}, which is not a numbered frame", stranger.string()),
            "Move it, or choose another output.");
    }
    fs::remove_all(staging, error);
    if (error) {
        return fail(staging.string(), "cannot be removed: " + error.message());
    }
    return {};
}

Result<void> check_existing_folder(const fs::path& folder) {
    LACT_TRY(const fs::path stranger, first_stranger(folder, [](const std::string& name) {
                 return is_frame_name(name) || name == staging_in_folder;
             }));
    if (!stranger.empty()) {
        return fail(
            folder.string(),
            fmt::format("is not empty: it holds {}, which is not a numbered frame", stranger.string()),
            "Choose a new or empty folder; only an earlier sequence (00000.png, …) is replaced.");
    }
    return {};
}

}  // namespace

PngSequence::PngSequence(fs::path folder, fs::path staging, bool in_place, FrameSinkOptions options)
    : folder_(std::move(folder)),
      staging_(std::move(staging), PartialPath::Kind::folder),
      in_place_(in_place),
      options_(std::move(options)) {}

Result<std::unique_ptr<PngSequence>> PngSequence::open(const fs::path& folder,
                                                       const FrameSinkOptions& options) {
    LACT_CHECK(check_options(folder, options));
    // `dir/` and `dir` are the same folder, but only the latter takes a suffix.
    const fs::path name = folder.has_filename() ? folder : folder.parent_path();
    std::error_code error;
    const fs::file_status status = fs::status(name, error);
    const bool exists = fs::exists(status);
    if (exists && !fs::is_directory(status)) {
        return fail(name.string(), "is a file; a folder for numbered images was expected");
    }
    if (exists) {
        LACT_CHECK(check_existing_folder(name));
    }
    const fs::path staging = exists ? name / staging_in_folder : fs::path(name.string() + ".part");
    LACT_CHECK(remove_leftover(staging));
    fs::create_directory(staging, error);
    if (error) {
        return fail(name.string(), "cannot be created: " + error.message(),
                    "Choose a place that exists and can be written to.");
    }
    return std::unique_ptr<PngSequence>(new PngSequence(name, staging, exists, options));  // NOLINT: private
}

Result<void> PngSequence::write(const Image8& rgb) {
    if (closed_) {
        return fail(folder_.string(), "takes no more frames: it is complete or has failed");
    }
    Result<void> written = write_frame(rgb);
    closed_ = !written;
    return written;
}

Result<void> PngSequence::write_frame(const Image8& rgb) {
    LACT_CHECK(check_frame(folder_, options_, rgb, frames_));
    LACT_TRY(const std::string bytes, encode_png(rgb, options_.provenance));
    LACT_CHECK(write_file_atomically(staging_.path() / frame_name(frames_), bytes));
    ++frames_;
    return {};
}

Result<void> PngSequence::finish(const Job& /*job*/) {
    if (closed_) {
        return fail(folder_.string(), "cannot be completed: it is complete already or has failed");
    }
    closed_ = true;
    if (frames_ == 0) {
        return fail(folder_.string(), "no frame was written");
    }
    return in_place_ ? replace_earlier_sequence() : staging_.publish_as(folder_);
}

Result<void> PngSequence::replace_earlier_sequence() {
    // Other files may have appeared there while the frames were rendered.
    LACT_CHECK(check_existing_folder(folder_));
    std::error_code error;
    // Removes all old frames first: a kill in between may leave too few frames, but never a mix of two
    // videos.
    std::vector<fs::path> old_frames;
    for (fs::directory_iterator entry(folder_, error), end; !error && entry != end; entry.increment(error)) {
        if (is_frame_name(entry->path().filename().string())) {
            old_frames.push_back(entry->path());
        }
    }
    for (auto frame = old_frames.begin(); !error && frame != old_frames.end(); ++frame) {
        fs::remove(*frame, error);
    }
    if (error) {
        return fail(folder_.string(), "the earlier sequence cannot be removed: " + error.message());
    }
    for (int i = 0; i < frames_; ++i) {
        fs::rename(staging_.path() / frame_name(i), folder_ / frame_name(i), error);
        if (error) {
            return fail((folder_ / frame_name(i)).string(), "cannot be put in place: " + error.message());
        }
    }
    staging_.discard();
    return {};
}

}  // namespace lact::app
