#include "app/cli/interrupt.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace lact::app {
namespace {

// State of the handler; lock-free, as a handler must not wait for a lock.
std::atomic<int> wake_fd{-1};
std::atomic<int> first_signal{0};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void on_signal(int number) {
    const int saved_errno = errno;
    int none = 0;
    if (first_signal.compare_exchange_strong(none, number)) {
        const char byte = 's';
        // At most two bytes are ever written, so the pipe cannot be full.
        [[maybe_unused]] const ssize_t count = ::write(wake_fd.load(), &byte, 1);
    } else {
        // Pending until this handler returns; then it ends the program with the status of that signal.
        std::signal(number, SIG_DFL);
        std::raise(number);
    }
    errno = saved_errno;
}

/// Sets signal handlers and restores the earlier ones at the end of its scope.
class Handlers {
  public:
    Handlers() = default;
    Handlers(const Handlers&) = delete;
    Handlers& operator=(const Handlers&) = delete;
    ~Handlers() {
        for (const auto& [number, action] : earlier_) {
            ::sigaction(number, &action, nullptr);
        }
    }

    bool set(int number, void (*handler)(int)) {
        struct sigaction action {};
        struct sigaction earlier {};
        action.sa_handler = handler;
        action.sa_flags = SA_RESTART;  // otherwise reads and writes elsewhere would fail with EINTR
        sigemptyset(&action.sa_mask);
        if (::sigaction(number, &action, &earlier) != 0) {
            return false;
        }
        earlier_.emplace_back(number, earlier);
        return true;
    }

  private:
    std::vector<std::pair<int, struct sigaction>> earlier_;
};

bool is_ignored(int number) {
    struct sigaction action {};
    return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

class SignalInterrupt final : public Interrupt {
  public:
    SignalInterrupt() = default;
    ~SignalInterrupt() override {
        handlers_.reset();
        if (watcher_.joinable()) {
            const char byte = 'q';
            [[maybe_unused]] const ssize_t count = ::write(pipe_[1], &byte, 1);
            watcher_.join();
        }
        for (const int fd : pipe_) {
            if (fd >= 0) {
                ::close(fd);
            }
        }
        first_signal = 0;
        wake_fd = -1;
    }

    /// False, with errno set, when the system refuses. Call once.
    bool start() {
        if (::pipe2(pipe_.data(), O_CLOEXEC) != 0) {
            return false;
        }
        wake_fd = pipe_[1];
        watcher_ = std::thread([this] { watch(); });
        handlers_ = std::make_unique<Handlers>();
        bool set = handlers_->set(SIGPIPE, SIG_IGN) && handlers_->set(SIGINT, on_signal) &&
                   handlers_->set(SIGTERM, on_signal);
        if (set && !is_ignored(SIGHUP)) {
            set = handlers_->set(SIGHUP, on_signal);
        }
        return set;
    }

    [[nodiscard]] std::stop_token token() const override { return source_.get_token(); }
    [[nodiscard]] int signal() const override { return first_signal.load(); }

  private:
    void watch() {
        char byte = 0;
        ssize_t count = 0;
        do {
            count = ::read(pipe_[0], &byte, 1);
            if (count == 1 && byte == 's') {
                source_.request_stop();
            }
        } while ((count == 1 && byte != 'q') || (count < 0 && errno == EINTR));
    }

    std::stop_source source_;
    std::array<int, 2> pipe_{-1, -1};
    std::thread watcher_;
    std::unique_ptr<Handlers> handlers_;
};

}  // namespace

Result<std::unique_ptr<Interrupt>> Interrupt::install() {
    if (wake_fd.load() >= 0) {
        return fail("signals", "are handled already");
    }
    try {
        auto interrupt = std::make_unique<SignalInterrupt>();
        if (!interrupt->start()) {
            return fail("signals", "cannot be handled: " + std::generic_category().message(errno));
        }
        return interrupt;
    } catch (const std::system_error& error) {
        return fail("signals", std::string("no thread to handle them: ") + error.what());
    }
}

}  // namespace lact::app
