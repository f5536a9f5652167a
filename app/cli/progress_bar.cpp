#include "app/cli/progress_bar.h"

#include "app/runtime/jobs.h"
#include "engine/core/printable.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace lact::app {
namespace {

constexpr auto redraw_interval = std::chrono::milliseconds{100};
constexpr auto line_interval = std::chrono::seconds{2};
constexpr auto longest_silence = std::chrono::seconds{30};
constexpr double line_step = 0.1;

int terminal_columns() {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    return 80;
}

std::string progress_bar_text(double fraction, int width) {
    const auto full = static_cast<std::size_t>(std::lround(std::floor(fraction * width)));
    return '[' + std::string(full, '=') + std::string(static_cast<std::size_t>(width) - full, ' ') + ']';
}

/// Percentage, and the remaining or (at the end) the elapsed time.
std::string progress_numbers(double began_at, double fraction, std::chrono::duration<double> elapsed) {
    // Rounded down: 100 % means done.
    std::string text = fmt::format("{:3.0f} %", std::floor(fraction * 100));
    if (fraction >= 1) {
        text += "  " + format_duration(elapsed);
    } else if (const auto left = time_left(began_at, fraction, elapsed)) {
        text += "  " + format_duration(*left) + " left";
    }
    return text;
}

}  // namespace

ProgressOutput standard_error() {
    ProgressOutput output;
    const char* kind = std::getenv("TERM");
    output.terminal = ::isatty(STDERR_FILENO) != 0 && kind != nullptr && std::string_view(kind) != "dumb";
    output.columns = terminal_columns;
    output.print = [](std::string_view text) {
        // Unbuffered and in one piece; a failure is ignored.
        [[maybe_unused]] const ssize_t count = ::write(STDERR_FILENO, text.data(), text.size());
    };
    return output;
}

ProgressBar::ProgressBar(ProgressOutput output) : output_(std::move(output)) {}

ProgressBar::~ProgressBar() {
    end_line();
}

void ProgressBar::update(std::string_view stage, double fraction) {
    const std::lock_guard lock(mutex_);
    fraction = std::isfinite(fraction) ? std::clamp(fraction, 0.0, 1.0) : 0.0;
    const Time now = output_.now();
    const bool new_stage = !stage_ || *stage_ != printable_line(stage);
    if (new_stage) {
        stage_ = printable_line(stage);
        stage_began_ = now;
        began_at_ = fraction;
    }
    if (due(fraction, now, new_stage)) {
        draw(fraction, now);
        last_drawn_ = now;
        last_fraction_ = fraction;
    }
}

bool ProgressBar::due(double fraction, Time now, bool new_stage) const {
    const bool stage_ends = fraction >= 1 && last_fraction_ < 1;
    if (new_stage || stage_ends) {
        return true;
    }
    const auto silence = now - last_drawn_;
    if (output_.terminal) {
        return silence >= redraw_interval && fraction < 1;
    }
    const bool stepped = std::floor(fraction / line_step) > std::floor(last_fraction_ / line_step);
    return fraction < 1 && ((stepped && silence >= line_interval) || silence >= longest_silence);
}

void ProgressBar::draw(double fraction, Time now) {
    const std::string stage = stage_.value_or("");
    const std::string numbers = progress_numbers(began_at_, fraction, now - stage_began_);
    if (!output_.terminal) {
        output_.print(fmt::format("{}: {}\n", stage, numbers.substr(numbers.find_first_not_of(' '))));
        return;
    }
    constexpr int widest_bar = 40;
    constexpr int narrowest_bar = 5;
    // The last column stays empty: some terminals wrap once it is written.
    const int room = std::max(1, output_.columns() - 1);
    const int bar_width = std::min(widest_bar, room - static_cast<int>(stage.size() + numbers.size()) - 6);
    std::string line = bar_width >= narrowest_bar
                           ? fmt::format("{}  {}  {}", stage, progress_bar_text(fraction, bar_width), numbers)
                           : fmt::format("{}  {}", stage, numbers);
    line.resize(std::min(line.size(), static_cast<std::size_t>(room)));
    // Returns to the first column, overwrites the line and erases its rest.
    output_.print("\r" + line + "\x1b[K");
    line_open_ = true;
    if (fraction >= 1) {
        end_line();
    }
}

void ProgressBar::clear() {
    const std::lock_guard lock(mutex_);
    if (line_open_) {
        output_.print("\r\x1b[K");
        line_open_ = false;
        last_drawn_ = Time{};
    }
}

Job ProgressBar::job(std::stop_token stop) {
    Job job;
    job.report = [this](std::string_view stage, double fraction) { update(stage, fraction); };
    job.stop = std::move(stop);
    return job;
}

void ProgressBar::end_line() {
    if (line_open_) {
        output_.print("\n");
        line_open_ = false;
    }
}

}  // namespace lact::app
