#pragma once

#include "app/video/av_support.h"
#include "engine/core/error.h"
#include "engine/scene/image.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

namespace lact::app {

/// Frames that wait on the disk, lossless (PNG after PNG in one file), to be read again as often as wanted.
/// In memory a frame takes its place in the file, eight bytes.
///
/// The file has no name: it is taken away again as soon as it is open, so that the system frees its space
/// when the store is destroyed, and when the process is killed as well.
class FrameStore {
  public:
    /// `file` is the name it has for a moment; what a killed run left there goes. Errors name `shown`.
    [[nodiscard]] static Result<std::unique_ptr<FrameStore>> create(const std::filesystem::path& file,
                                                                    const std::filesystem::path& shown,
                                                                    int width, int height);

    /// Of the size given to create(), three channels.
    [[nodiscard]] Result<void> append(const Image8& rgb);
    [[nodiscard]] std::size_t size() const { return ends_.size(); }
    /// Frame `index` (below size()) as RGB24, without a time.
    [[nodiscard]] Result<FramePtr> read(std::size_t index);

  private:
    struct CloseFile {
        // This is the owner that the check asks for.
        void operator()(std::FILE* file) const {
            std::fclose(file);  // NOLINT(cppcoreguidelines-owning-memory)
        }
    };

    explicit FrameStore(std::filesystem::path shown) : shown_(std::move(shown)) {}
    [[nodiscard]] Result<void> open_file(const std::filesystem::path& file);
    [[nodiscard]] Result<void> open_codecs(int width, int height);
    [[nodiscard]] tl::unexpected<Error> broken(const char* doing, int code) const;

    std::filesystem::path shown_;
    std::unique_ptr<std::FILE, CloseFile> file_;
    std::vector<std::int64_t> ends_;  ///< Of each frame's PNG, in bytes from the file's begin.
    CodecContextPtr encoder_;
    CodecContextPtr decoder_;
    FramePtr frame_;
    PacketPtr packet_;
};

}  // namespace lact::app
