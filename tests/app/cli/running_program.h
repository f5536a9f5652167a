#pragma once

#include <array>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lact::app::test {

/// `lactscope ARGUMENTS` while it runs: its stdout line by line, and signals to it. Killed at its end.
class RunningProgram {
  public:
    RunningProgram(std::vector<std::string> arguments, const std::string& error_file) {
        std::array<int, 2> pipe{};
        if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
            return;
        }
        arguments.insert(arguments.begin(), LACT_PROGRAM);
        std::vector<char*> words;
        for (std::string& argument : arguments) {
            words.push_back(argument.data());
        }
        words.push_back(nullptr);
        process_ = ::fork();
        if (process_ == 0) {
            ::dup2(pipe[1], STDOUT_FILENO);
            const int errors = ::open(error_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
            ::dup2(errors, STDERR_FILENO);
            ::execv(words.front(), words.data());
            ::_exit(127);
        }
        ::close(pipe[1]);
        out_ = ::fdopen(pipe[0], "r");
    }
    RunningProgram(const RunningProgram&) = delete;
    RunningProgram& operator=(const RunningProgram&) = delete;
    ~RunningProgram() {
        if (!status_) {
            signal(SIGKILL);
            wait();
        }
        if (out_ != nullptr) {
            (void)std::fclose(out_);
        }
    }

    /// The next line of stdout; none at its end.
    std::optional<std::string> line() {
        std::string text;
        for (int c = std::fgetc(out_); c != EOF; c = std::fgetc(out_)) {
            if (c == '\n') {
                return text;
            }
            text.push_back(static_cast<char>(c));
        }
        return std::nullopt;
    }
    void signal(int number) const { ::kill(process_, number); }
    /// The exit code once it ended; 128 + the signal that ended it.
    int wait() {
        int status = 0;
        if (!status_ && ::waitpid(process_, &status, 0) == process_) {
            status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        return status_.value_or(-1);
    }

  private:
    pid_t process_ = -1;
    std::FILE* out_ = nullptr;
    std::optional<int> status_;
};

}  // namespace lact::app::test
