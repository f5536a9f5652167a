#include "app/platform/child_process.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lact::app {

namespace {

using Clock = std::chrono::steady_clock;

std::string reason(int code) {
    return std::generic_category().message(code);
}

/// Both ends of a pipe; the destructor closes them.
struct Pipe {
    std::array<int, 2> ends{-1, -1};
    Pipe() = default;
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        close_end(0);
        close_end(1);
    }
    void close_end(std::size_t which) {
        if (ends[which] >= 0) {
            ::close(ends[which]);
            ends[which] = -1;
        }
    }
};

/// Attributes of posix_spawn: no input, the pipe as both outputs (nothing where it is negative), a process
/// group of its own.
class SpawnSetup {
  public:
    explicit SpawnSetup(int output) {
        ::posix_spawn_file_actions_init(&commands_);
        ::posix_spawn_file_actions_addopen(&commands_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        for (const int end : {STDOUT_FILENO, STDERR_FILENO}) {
            if (output >= 0) {
                ::posix_spawn_file_actions_adddup2(&commands_, output, end);
            } else {
                ::posix_spawn_file_actions_addopen(&commands_, end, "/dev/null", O_WRONLY, 0);
            }
        }
        ::posix_spawnattr_init(&attributes_);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        // Resets the ignored and blocked signals of this process for the child.
        sigset_t signals;
        ::sigemptyset(&signals);
        ::posix_spawnattr_setsigmask(&attributes_, &signals);
        ::sigaddset(&signals, SIGPIPE);
        ::sigaddset(&signals, SIGINT);
        ::sigaddset(&signals, SIGTERM);
        ::posix_spawnattr_setsigdefault(&attributes_, &signals);
        ::posix_spawnattr_setflags(&attributes_,
                                   POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;
    ~SpawnSetup() {
        ::posix_spawn_file_actions_destroy(&commands_);
        ::posix_spawnattr_destroy(&attributes_);
    }
    [[nodiscard]] const posix_spawn_file_actions_t* commands() const { return &commands_; }
    [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

  private:
    posix_spawn_file_actions_t commands_{};
    posix_spawnattr_t attributes_{};
};

/// Splits the output into lines.
class LineCutter {
  public:
    explicit LineCutter(const std::function<void(std::string_view)>& on_line) : on_line_(on_line) {}
    void add(std::string_view bytes) {
        constexpr std::size_t longest = 4096;
        for (const char byte : bytes) {
            if (byte == '\n' || byte == '\r') {
                end();
            } else if (line_.size() < longest) {
                line_.push_back(byte);
            }
        }
    }
    void end() {
        if (!line_.empty() && on_line_) {
            on_line_(line_);
        }
        line_.clear();
    }

  private:
    const std::function<void(std::string_view)>& on_line_;
    std::string line_;
};

/// A started child. The destructor waits for it, so that none stays a zombie.
class Child {
  public:
    explicit Child(pid_t id) : id_(id) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (!ended_) {
            ::kill(-id_, SIGKILL);
            (void)poll_end(/*wait=*/true);
        }
    }
    /// Sends SIGTERM to the group, and SIGKILL after five seconds.
    void ask_to_end(Clock::time_point now) {
        if (ended_) {
            return;
        }
        if (!asked_) {
            asked_ = true;
            patience_ends_ = now + std::chrono::seconds(5);
            ::kill(-id_, SIGTERM);
        } else if (now > patience_ends_) {
            ::kill(-id_, SIGKILL);
        }
    }
    bool poll_end(bool wait) {
        int status = 0;
        pid_t got = -1;
        do {
            got = ended_ ? id_ : ::waitpid(id_, &status, wait ? 0 : WNOHANG);
        } while (got < 0 && errno == EINTR);
        if (!ended_ && got == id_) {
            ended_ = true;
            exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        } else if (!ended_ && got < 0) {
            ended_ = true;  // Its number may be another process's by now.
            lost_ = true;
        }
        return ended_;
    }
    /// True after `poll_end` where somebody else took its status, so that nobody knows how it ended.
    [[nodiscard]] bool lost() const { return lost_; }
    /// 0 while it runs and where `lost`.
    [[nodiscard]] int exit_code() const { return exit_code_; }

  private:
    pid_t id_;
    bool ended_ = false;
    bool lost_ = false;
    int exit_code_ = 0;
    bool asked_ = false;
    Clock::time_point patience_ends_{};
};

/// Reads until the child has ended and its output is drained.
void follow(Child& child, int output, LineCutter& lines, const std::stop_token& stop) {
    std::array<char, 4096> buffer{};
    bool open = true;
    for (;;) {
        const bool ended = child.poll_end(/*wait=*/false);
        pollfd wait{output, POLLIN, 0};
        const bool ready = open && ::poll(&wait, 1, ended ? 0 : 50) > 0;
        if (ready) {
            const ssize_t count = ::read(output, buffer.data(), buffer.size());
            if (count > 0) {
                lines.add({buffer.data(), static_cast<std::size_t>(count)});
            } else if (count == 0 || errno != EINTR) {
                open = false;
            }
        } else if (ended) {
            return;  // Its own children may hold the pipe open; does not wait for them.
        } else if (!open) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        if (stop.stop_requested()) {
            child.ask_to_end(Clock::now());
        }
    }
}

}  // namespace

std::optional<std::filesystem::path> find_program(std::string_view name, const std::string& search_path) {
    for (std::size_t at = 0; at <= search_path.size();) {
        const std::size_t end = std::min(search_path.find(':', at), search_path.size());
        const std::filesystem::path file =
            std::filesystem::path(search_path.substr(at, end - at)) / std::string(name);
        std::error_code code;
        if (end > at && std::filesystem::is_regular_file(file, code) && ::access(file.c_str(), X_OK) == 0) {
            return file;
        }
        at = end + 1;
    }
    return std::nullopt;
}

std::string current_search_path() {
    const char* path = std::getenv("PATH");
    return path != nullptr ? path : "";
}

Result<ChildEnd> run_child(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                           const std::function<void(std::string_view line)>& on_line, std::stop_token stop) {
    Pipe pipe;
    if (::pipe2(pipe.ends.data(), O_CLOEXEC) != 0) {
        return fail(program.string(), "cannot be started: " + reason(errno));
    }
    std::string name = program.string();
    std::vector<std::string> words = arguments;
    std::vector<char*> argv{name.data()};
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    const SpawnSetup setup(on_line ? pipe.ends[1] : -1);
    pid_t id = -1;
    const int code =
        ::posix_spawn(&id, program.c_str(), setup.commands(), setup.attributes(), argv.data(), ::environ);
    if (code != 0) {
        return fail(program.string(), "cannot be started: " + reason(code));
    }
    Child child(id);
    pipe.close_end(1);
    LineCutter lines(on_line);
    follow(child, pipe.ends[0], lines, stop);
    lines.end();
    if (stop.stop_requested()) {
        return cancelled();
    }
    if (child.lost()) {
        return fail(program.string(), "ended, and how it ended is not known",
                    "Another part of the process waits for its children.");
    }
    return ChildEnd{child.exit_code()};
}

}  // namespace lact::app
