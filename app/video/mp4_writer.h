#pragma once

#include "app/video/bounded_queue.h"
#include "app/video/frame_sink.h"
#include "app/video/partial_path.h"

#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace lact::app {

class Mp4Encoder;

/// A film as an MP4 file. Frames are encoded by a thread of its own, at most four of them waiting, while the
/// next ones are rendered. The file grows as `NAME.part` and gets its name at finish(); an older film of that
/// name stays until then.
class Mp4Writer final : public FrameSink {
  public:
    /// Refuses odd sizes (YUV 4:2:0 shares colour among 2 x 2 pixels) and names the nearest ones that work.
    [[nodiscard]] static Result<std::unique_ptr<Mp4Writer>> open(const std::filesystem::path& file,
                                                                 const FrameSinkOptions& options);
    ~Mp4Writer() override;

    [[nodiscard]] Result<void> write(const Image8& rgb) override;
    [[nodiscard]] Result<void> finish(const Job& job) override;
    [[nodiscard]] std::string encoder_name() const override { return encoder_name_; }

  private:
    Mp4Writer(std::filesystem::path file, FrameSinkOptions options);
    void encode_frames();
    void stop(const Error& error);
    [[nodiscard]] Error reason();

    std::filesystem::path file_;
    FrameSinkOptions options_;
    PartialPath part_;
    std::string encoder_name_;
    BoundedQueue<Image8> queue_;
    std::mutex error_mutex_;
    std::optional<Error> error_;           ///< Why no more frames are taken; guarded by error_mutex_.
    std::unique_ptr<Mp4Encoder> encoder_;  ///< Used by thread_ alone once that runs.
    int frames_ = 0;
    std::thread thread_;
};

}  // namespace lact::app
