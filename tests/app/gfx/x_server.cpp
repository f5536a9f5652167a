#include "tests/app/gfx/x_server.h"

#include <array>
#include <csignal>
#include <cstdio>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

namespace lact::gfx::test {

std::unique_ptr<XServer> XServer::start() {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) {
        return nullptr;
    }
    const std::string number = std::to_string(ends[1]);
    const pid_t process = fork();
    if (process == 0) {
        close(ends[0]);
        execlp("Xvfb", "Xvfb", "-displayfd", number.c_str(), "-screen", "0", "2000x1300x24", "-nolisten",
               "tcp", "-noreset", nullptr);
        _exit(127);
    }
    close(ends[1]);
    std::string display = ":";
    char one = 0;
    while (read(ends[0], &one, 1) == 1 && one != '\n') {
        display += one;
    }
    close(ends[0]);
    if (process < 0 || display.size() < 2) {
        std::fprintf(stderr, "NOT TESTED: Xvfb is not installed or did not start (apt install xvfb)\n");
        if (process > 0) {
            kill(process, SIGTERM);
            waitpid(process, nullptr, 0);
        }
        return nullptr;
    }
    std::unique_ptr<XServer> server(new XServer);  // NOLINT(cppcoreguidelines-owning-memory): private
    server->process_ = process;
    server->display_.emplace("DISPLAY", display.c_str());
    return server;
}

XServer::~XServer() {
    kill(process_, SIGTERM);
    waitpid(process_, nullptr, 0);
}

}  // namespace lact::gfx::test
