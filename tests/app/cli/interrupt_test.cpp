#include "app/cli/interrupt.h"

#include "app/video/frame_sink.h"
#include "tests/app/video/video_support.h"

#include <cerrno>
#include <condition_variable>
#include <mutex>

#include <gtest/gtest.h>

namespace lact::app::test {

namespace {

/// Waits until a stop is requested; what the test's own time limit ends if that never happens.
void wait_for_stop(const std::stop_token& token) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    stopped.wait(lock, token, [] { return false; });
}

// Every test raises its signals in a child process: one that is not handled ends that, not the tests.

TEST(Interrupt, FirstSignalAsksToStop) {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        EXPECT_EQ(
            in_child([number] {
                std::signal(SIGHUP, SIG_DFL);
                const auto interrupt = Interrupt::install();
                if (!interrupt || (*interrupt)->signal() != 0 || (*interrupt)->token().stop_requested()) {
                    return 1;
                }
                std::raise(number);
                wait_for_stop((*interrupt)->token());
                return (*interrupt)->signal() == number ? 0 : 2;
            }),
            0)
            << "signal " << number;
    }
}

TEST(Interrupt, SecondSignalEndsAtOnce) {
    for (const int number : {SIGINT, SIGTERM}) {
        EXPECT_EQ(in_child([number] {
                      const auto interrupt = Interrupt::install();
                      std::raise(SIGINT);
                      wait_for_stop((*interrupt)->token());
                      std::raise(number);
                      return 0;
                  }),
                  1000 + number);
    }
}

TEST(Interrupt, SigpipeIsAnErrorOfTheWrite) {
    EXPECT_EQ(in_child([] {
                  const auto interrupt = Interrupt::install();
                  std::array<int, 2> pipe{};
                  if (::pipe(pipe.data()) != 0) {
                      return 1;
                  }
                  ::close(pipe[0]);
                  return ::write(pipe[1], "x", 1) == -1 && errno == EPIPE ? 0 : 2;
              }),
              0);
}

TEST(Interrupt, NohupIsRespected) {
    EXPECT_EQ(in_child([] {
                  std::signal(SIGHUP, SIG_IGN);
                  const auto interrupt = Interrupt::install();
                  std::raise(SIGHUP);
                  return (*interrupt)->signal();
              }),
              0);
}

TEST(Interrupt, OneAtATimeAndTheEndRestoresWhatWas) {
    EXPECT_EQ(in_child([] {
                  std::signal(SIGINT, SIG_IGN);
                  for (int round = 0; round < 3; ++round) {
                      auto interrupt = Interrupt::install();
                      if (!interrupt || Interrupt::install()) {
                          return 1;
                      }
                      std::raise(SIGTERM);
                      wait_for_stop((*interrupt)->token());
                  }
                  std::raise(SIGINT);  // ignored again
                  std::raise(SIGTERM);
                  return 0;
              }),
              1000 + SIGTERM);
}

TEST(Interrupt, StoppedRenderingLeavesNoVideo) {
    const TemporaryFolder folder;
    EXPECT_EQ(in_child([&] {
                  const auto interrupt = Interrupt::install();
                  FrameSinkOptions options;
                  options.width = options.height = 64;
                  auto sink = open_frame_sink(folder.path() / "video.mp4", options);
                  if (!interrupt || !sink) {
                      return 1;
                  }
                  for (unsigned i = 0; !(*interrupt)->token().stop_requested(); ++i) {
                      if (!(*sink)->write(noise(64, 64, i))) {
                          return 2;
                      }
                      if (i == 20) {
                          std::raise(SIGINT);
                      }
                  }
                  sink->reset();
                  return 0;
              }),
              0);
    EXPECT_TRUE(folder.names().empty());
}

}  // namespace

}  // namespace lact::app::test
