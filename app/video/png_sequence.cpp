#include "app/video/png_sequence.h"

#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

namespace fs = std::filesystem;

/// Names the temporary folder within an existing one.
constexpr const char* staging_name = "frames";

std::string frame_name(int index) {
    return fmt::format("{:05d}.png", index);
}

/// `dir/` and `dir` are the same folder, but only the latter has a name.
fs::path without_slash(const fs::path& folder) {
    return folder.has_filename() ? folder : folder.parent_path();
}

}  // namespace

Result<void> check_image_folder(const fs::path& folder) {
    const fs::path name = without_slash(folder);
    std::error_code error;
    const fs::file_status status = fs::status(name, error);
    if (!fs::exists(status)) {
        return {};
    }
    if (!fs::is_directory(status)) {
        return fail(name.string(), "is a file; a folder for numbered images was expected");
    }
    fs::path first;
    for (fs::directory_iterator entry(name, error), end; !error && entry != end; entry.increment(error)) {
        const fs::path file = entry->path().filename();
        if (!is_temporary_output(file.string()) && (first.empty() || file < first)) {
            first = file;
        }
    }
    if (error) {
        return fail(name.string(), "cannot be listed: " + error.message());
    }
    return first.empty() ? Result<void>()
                         : fail(name.string(), fmt::format("is not empty: it holds {}", first.string()),
                                "Numbered images are written to a new or empty folder, and replace none: "
                                "empty this one, "
                                "or choose another.");
}

PngSequence::PngSequence(fs::path folder, OutputFolder staging, bool in_place, FrameSinkOptions options)
    : folder_(std::move(folder)),
      staging_(std::move(staging)),
      in_place_(in_place),
      options_(std::move(options)) {}

Result<std::unique_ptr<PngSequence>> PngSequence::open(const fs::path& folder,
                                                       const FrameSinkOptions& options) {
    LACT_CHECK(check_options(folder, options));
    LACT_CHECK(check_image_folder(folder));
    const fs::path name = without_slash(folder);
    std::error_code error;
    const bool exists = fs::is_directory(name, error);
    LACT_TRY(OutputFolder staging,
             exists ? OutputFolder::within(name, staging_name) : OutputFolder::beside(name));
    return std::unique_ptr<PngSequence>(  // NOLINT: make_unique cannot reach the private constructor
        new PngSequence(name, std::move(staging), exists, options));
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
    LACT_CHECK(write_new_file(staging_.path() / frame_name(frames_), bytes));
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
    return in_place_ ? move_into_folder() : staging_.publish_as(folder_);
}

Result<void> PngSequence::move_into_folder() {
    // Files, or another video, may have appeared there while the frames were rendered.
    LACT_CHECK(check_image_folder(folder_));
    for (int i = 0; i < frames_; ++i) {
        const auto moved = move_to_free_name(staging_.path() / frame_name(i), folder_ / frame_name(i));
        if (!moved) {
            take_back(i);
            return moved;
        }
    }
    staging_.discard();
    return {};
}

/// Moves the first `count` images back, so that the folder is empty again and another run can write to it.
void PngSequence::take_back(int count) {
    for (int i = 0; i < count; ++i) {
        (void)move_to_free_name(folder_ / frame_name(i), staging_.path() / frame_name(i));
    }
}

}  // namespace lact::app
