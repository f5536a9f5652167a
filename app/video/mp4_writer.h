#pragma once

#include "app/video/bounded_queue.h"
#include "app/video/frame_sink.h"
#include "engine/core/output_path.h"

#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace lact::app {

class Mp4Encoder;

/// A video as an MP4 file. A thread of its own encodes frames, with at most four of them queued, while the
/// next ones are rendered. The video is written under a temporary name (OutputFile) and renamed by finish();
/// an older file of that name stays until then.
class Mp4Writer final : public FrameSink {
  public:
    /// Errors: odd sizes (YUV 4:2:0 shares chroma among 2 x 2 pixels), with the nearest even ones.
    [[nodiscard]] static Result<std::unique_ptr<Mp4Writer>> open(const std::filesystem::path& file,
                                                                 const FrameSinkOptions& options);
    ~Mp4Writer() override;

    [[nodiscard]] Result<void> write(const Image8& rgb) override;
    [[nodiscard]] Result<void> finish(const Job& job) override;
    [[nodiscard]] std::string encoder_name() const override { return encoder_name_; }

  private:
    Mp4Writer(std::filesystem::path file, FrameSinkOptions options, OutputFile output);
    void encode_frames();
    void stop(const Error& error);
    [[nodiscard]] Error reason();

    std::filesystem::path file_;
    FrameSinkOptions options_;
    OutputFile output_;
    std::string encoder_name_;
    BoundedQueue<Image8> queue_;
    std::mutex error_mutex_;
    std::optional<Error> error_;           ///< Ends writing; guarded by error_mutex_.
    std::unique_ptr<Mp4Encoder> encoder_;  ///< Used by thread_ alone while it runs.
    int frames_ = 0;
    std::thread thread_;
};

}  // namespace lact::app
