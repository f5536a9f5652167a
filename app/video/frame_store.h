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

/// Stores frames losslessly on the disk (consecutive PNGs in one file), for repeated random access. Per frame
/// it keeps only the offset in the file, eight bytes, in memory.
///
/// The file has no name, so that the system frees its space when the store is destroyed or the process is
/// killed.
class FrameStore {
  public:
    /// Stores the frames in the folder of `shown`, the name of the video, which errors name.
    [[nodiscard]] static Result<std::unique_ptr<FrameStore>> create(const std::filesystem::path& shown,
                                                                    int width, int height);

    /// A frame of the size given to create(), three channels.
    [[nodiscard]] Result<void> append(const Image8& rgb);
    [[nodiscard]] std::size_t size() const { return ends_.size(); }
    /// Frame `index` (below size()) as RGB24, without a time stamp.
    [[nodiscard]] Result<FramePtr> read(std::size_t index);

  private:
    struct CloseFile {
        // The owner of the file.
        void operator()(std::FILE* file) const {
            std::fclose(file);  // NOLINT(cppcoreguidelines-owning-memory)
        }
    };

    explicit FrameStore(std::filesystem::path shown) : shown_(std::move(shown)) {}
    [[nodiscard]] Result<void> open_file();
    [[nodiscard]] Result<void> open_codecs(int width, int height);
    [[nodiscard]] tl::unexpected<Error> broken(const char* doing, int code) const;

    std::filesystem::path shown_;
    std::unique_ptr<std::FILE, CloseFile> file_;
    std::vector<std::int64_t> ends_;  ///< End of each PNG in the file, in bytes.
    CodecContextPtr encoder_;
    CodecContextPtr decoder_;
    FramePtr frame_;
    PacketPtr packet_;
};

}  // namespace lact::app
