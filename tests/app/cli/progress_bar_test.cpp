#include "app/cli/progress_bar.h"

#include "app/runtime/jobs.h"

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

using namespace std::chrono_literals;

/// A place to print to with a clock that only moves when told.
struct Fake {
    std::vector<std::string> printed;
    std::chrono::steady_clock::time_point time{1h};
    int columns = 80;

    ProgressOutput output(bool terminal) {
        ProgressOutput output;
        output.terminal = terminal;
        output.columns = [this] { return columns; };
        output.print = [this](std::string_view text) { printed.emplace_back(text); };
        output.now = [this] { return time; };
        return output;
    }
    std::string all() const {
        std::string text;
        for (const auto& piece : printed) {
            text += piece;
        }
        return text;
    }
};

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(ProgressBar, TerminalRedrawsOneLineWithTimeLeft) {
    Fake fake;
    {
        ProgressBar bar(fake.output(true));
        bar.update("Rendering", 0);
        fake.time += 10s;
        bar.update("Rendering", 0.25);
        ASSERT_EQ(fake.printed.size(), 2U);
        EXPECT_EQ(fake.printed[1],
                  "\rRendering  [==========                              ]   25 %  0:30 left\x1b[K");
        fake.time += 30s;
        bar.update("Rendering", 1);
    }
    EXPECT_TRUE(contains(fake.printed[2], "100 %  0:40"));
    EXPECT_TRUE(contains(fake.printed[2], std::string(40, '=')));
    const std::string all = fake.all();
    EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 1);
    EXPECT_EQ(all.back(), '\n');
}

TEST(ProgressBar, TerminalIsNotDrawnMoreThanTenTimesASecond) {
    Fake fake;
    ProgressBar bar(fake.output(true));
    for (int i = 0; i < 1000; ++i) {
        bar.update("Rendering", i / 1000.0);
        fake.time += 1ms;
    }
    EXPECT_LE(fake.printed.size(), 11U);
    EXPECT_GE(fake.printed.size(), 9U);
}

TEST(ProgressBar, LineFitsNarrowTerminals) {
    Fake fake;
    ProgressBar bar(fake.output(true));
    for (const int columns : {200, 80, 40, 30, 20, 8, 1}) {
        fake.columns = columns;
        fake.time += 1min;
        bar.update("A stage with a long name", 0.5);
        const std::string& line = fake.printed.back();
        const std::size_t width = line.size() - std::string("\r\x1b[K").size();
        EXPECT_LE(width, static_cast<std::size_t>(std::max(1, columns - 1))) << columns;
    }
}

TEST(ProgressBar, AnAbandonedLineIsEnded) {
    Fake fake;
    { ProgressBar(fake.output(true)).update("Rendering", 0.3); }
    EXPECT_EQ(fake.all().back(), '\n');
    fake.printed.clear();
    { const ProgressBar untouched(fake.output(true)); }
    EXPECT_TRUE(fake.printed.empty());
}

TEST(ProgressBar, ClearTakesTheLineAwayAndTheNextUpdateDrawsIt) {
    Fake fake;
    ProgressBar bar(fake.output(true));
    bar.update("Rendering", 0.3);
    bar.clear();
    EXPECT_EQ(fake.printed.back(), "\r\x1b[K");
    bar.update("Rendering", 0.3);
    EXPECT_TRUE(contains(fake.printed.back(), "Rendering"));
}

TEST(ProgressBar, LogGetsFewWholeLines) {
    Fake fake;
    ProgressBar bar(fake.output(false));
    // Ten minutes, a report every 100 ms.
    for (int i = 0; i <= 6000; ++i) {
        bar.update("Rendering", i / 6000.0);
        fake.time += 100ms;
    }
    EXPECT_GE(fake.printed.size(), 10U);
    EXPECT_LE(fake.printed.size(), 35U);
    for (const auto& line : fake.printed) {
        EXPECT_EQ(line.find('\n'), line.size() - 1);
        EXPECT_FALSE(contains(line, "\r") || contains(line, "\x1b"));
    }
    EXPECT_EQ(fake.printed.front(), "Rendering: 0 %\n");
    EXPECT_EQ(fake.printed.back(), "Rendering: 100 %  10:00\n");
}

TEST(ProgressBar, LogOfAShortJobIsTwoLinesAStage) {
    Fake fake;
    ProgressBar bar(fake.output(false));
    for (const char* stage : {"Set-up", "Rendering"}) {
        for (int i = 0; i <= 100; ++i) {
            bar.update(stage, i / 100.0);
            fake.time += 10ms;
        }
        bar.update(stage, 1);
    }
    ASSERT_EQ(fake.printed.size(), 4U);
    EXPECT_EQ(fake.printed[2], "Rendering: 0 %\n");
}

TEST(ProgressBar, LogIsNotSilentForLong) {
    Fake fake;
    ProgressBar bar(fake.output(false));
    for (int i = 0; i < 600; ++i) {
        bar.update("Waiting", 0.01);
        fake.time += 1s;
    }
    EXPECT_GE(fake.printed.size(), 19U);
    EXPECT_LE(fake.printed.size(), 21U);
}

TEST(ProgressBar, ANewStageHasItsOwnTime) {
    Fake fake;
    ProgressBar bar(fake.output(true));
    bar.update("Set-up", 0);
    fake.time += 1h;
    bar.update("Rendering", 0);
    fake.time += 2s;
    bar.update("Rendering", 0.5);
    EXPECT_TRUE(contains(fake.printed.back(), "0:02 left")) << fake.printed.back();
}

TEST(ProgressBar, WorkThatResumesCountsFromWhereItBegan) {
    Fake fake;
    ProgressBar bar(fake.output(true));
    bar.update("training", 0.5);
    EXPECT_FALSE(contains(fake.printed.back(), "left")) << fake.printed.back();
    fake.time += 10s;
    bar.update("training", 0.75);
    EXPECT_TRUE(contains(fake.printed.back(), "0:10 left")) << fake.printed.back();
}

TEST(ProgressBar, BadFractionsAreKeptInside) {
    Fake fake;
    ProgressBar bar(fake.output(true));
    for (const double fraction : {-1.0, 7.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
        fake.time += 1s;
        bar.update("Rendering", fraction);
    }
    EXPECT_TRUE(contains(fake.printed[0], "  0 %"));
    EXPECT_TRUE(contains(fake.printed[1], "100 %"));
}

TEST(ProgressBar, JobReportsHereAndCarriesTheStop) {
    Fake fake;
    ProgressBar bar(fake.output(false));
    std::stop_source stop;
    const Job job = bar.job(stop.get_token());
    job.progress("Rendering", 0);
    EXPECT_EQ(fake.printed.size(), 1U);
    EXPECT_FALSE(job.stopped());
    stop.request_stop();
    EXPECT_TRUE(job.stopped());
}

TEST(ProgressBar, FormatsDurations) {
    EXPECT_EQ(format_duration(0s), "0:00");
    EXPECT_EQ(format_duration(6.2s), "0:07");
    EXPECT_EQ(format_duration(754s), "12:34");
    EXPECT_EQ(format_duration(3723s), "1:02:03");
    EXPECT_EQ(format_duration(-5s), "0:00");
}

TEST(ProgressBar, StandardOutputStaysEmpty) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    {
        ProgressBar bar;
        bar.update("Rendering", 0);
        bar.update("Rendering", 1);
    }
    const std::string err = testing::internal::GetCapturedStderr();
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
    EXPECT_TRUE(contains(err, "Rendering: 0 %\n")) << err;
}

}  // namespace

}  // namespace lact::app
