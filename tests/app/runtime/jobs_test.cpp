#include "app/runtime/jobs.h"

#include "app/runtime/log.h"

#include <atomic>
#include <cmath>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

TEST(JobRegistry, WhatOnlyARequestMayEndGoesOn) {
    JobRegistry registry;
    const JobTicket set_up = registry.start("Open bouquet");
    const JobTicket video = registry.start("Record video.mp4", EndedBy::request);
    EXPECT_TRUE(registry.any_stoppable());
    registry.cancel_all();
    EXPECT_TRUE(set_up.stop().stop_requested());
    EXPECT_FALSE(video.stop().stop_requested());
    EXPECT_TRUE(registry.cancel(video.id()));
    EXPECT_TRUE(video.stop().stop_requested());
}

TEST(JobRegistry, ARecordingAloneIsNothingToStop) {
    JobRegistry registry;
    JobTicket video = registry.start("Record video.mp4", EndedBy::request);
    EXPECT_TRUE(registry.any_running());
    EXPECT_FALSE(registry.any_stoppable());
    JobTicket set_up = registry.start("Open bouquet");
    EXPECT_TRUE(registry.any_stoppable());
    set_up.finish({});
    EXPECT_FALSE(registry.any_stoppable());
    video.finish({});
    EXPECT_FALSE(registry.any_running());
}

TEST(JobRegistry, ProgressInWordsSaysWhatIsLeft) {
    JobStatus job;
    EXPECT_EQ(progress_text(job), "starting 0 %");
    job.stage = "recording";
    job.fraction = 0.25;
    EXPECT_EQ(progress_text(job), "recording 25 %");
    job.elapsed = std::chrono::seconds(20);
    EXPECT_EQ(progress_text(job), "recording 25 %, 1:00 left");
    job.began_at = 0.15;  // It resumed: a tenth took these 20 seconds.
    EXPECT_EQ(progress_text(job), "recording 25 %, 2:30 left");
    job.fraction = 1;
    EXPECT_EQ(progress_text(job), "recording 100 %");
}

TEST(JobRegistry, ShowsStagesAndEnds) {
    int changes = 0;
    JobRegistry registry([&] { ++changes; });
    JobTicket ticket = registry.start("Open bouquet");
    EXPECT_TRUE(registry.any_running());
    const Job job = ticket.job();
    job.progress("photos", 0.25);
    ASSERT_EQ(registry.snapshot().size(), 1U);
    JobStatus status = registry.snapshot()[0];
    EXPECT_EQ(status.title, "Open bouquet");
    EXPECT_EQ(status.stage, "photos");
    EXPECT_EQ(status.fraction, 0.25);
    EXPECT_EQ(status.state, JobState::running);
    EXPECT_EQ(changes, 2);
    ticket.finish();
    status = registry.snapshot()[0];
    EXPECT_EQ(status.state, JobState::done);
    EXPECT_EQ(status.fraction, 1);
    EXPECT_FALSE(registry.any_running());
    job.progress("late", 0.5);  // a straggling report changes nothing
    EXPECT_EQ(registry.snapshot()[0].stage, "photos");
    EXPECT_EQ(changes, 3);
}

TEST(JobRegistry, FailureCancelAndAbandonment) {
    JobRegistry registry;
    JobTicket failing = registry.start("a");
    failing.finish(fail("file", "is broken", "Repair it."));
    JobTicket stopped = registry.start("b");
    EXPECT_TRUE(registry.cancel(stopped.id()));
    EXPECT_TRUE(stopped.job().stopped());
    EXPECT_TRUE(registry.snapshot()[1].cancelling);
    EXPECT_EQ(registry.snapshot()[1].state, JobState::running);
    stopped.finish(cancelled());
    { const JobTicket dropped = registry.start("c"); }
    const auto all = registry.snapshot();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].state, JobState::failed);
    EXPECT_EQ(all[0].error, "file: is broken\n  Repair it.");
    EXPECT_EQ(all[1].state, JobState::cancelled);
    EXPECT_FALSE(all[1].cancelling);
    EXPECT_EQ(all[2].state, JobState::cancelled);
    EXPECT_FALSE(registry.cancel(all[0].id));
    EXPECT_FALSE(registry.cancel(99));
}

TEST(JobRegistry, KeepsRunningJobsAndTheLastEndedOnes) {
    JobRegistry registry;
    JobTicket first = registry.start("first");
    for (int i = 0; i < 100; ++i) {
        registry.start("short").finish();
    }
    const auto all = registry.snapshot();
    EXPECT_EQ(all.size(), 17U);
    EXPECT_EQ(all.front().title, "first");
    EXPECT_EQ(all.back().id, 101U);
    first.finish();
    EXPECT_EQ(registry.snapshot().size(), 16U);
}

TEST(JobRegistry, BadFractionsAreKeptInside) {
    JobRegistry registry;
    const JobTicket ticket = registry.start("a");
    for (const double fraction : {-1.0, 7.0, std::nan("")}) {
        ticket.job().progress("x", fraction);
        EXPECT_GE(registry.snapshot()[0].fraction, 0);
        EXPECT_LE(registry.snapshot()[0].fraction, 1);
    }
}

TEST(JobRegistry, TicketsOutliveIt) {
    JobTicket ticket;
    {
        JobRegistry registry;
        ticket = registry.start("a");
    }
    ticket.job().progress("x", 0.5);
    ticket.finish();
}

TEST(JobRegistry, ManyThreads) {
    std::atomic<int> changes = 0;
    JobRegistry registry([&] { ++changes; });
    {
        std::vector<std::jthread> threads;
        threads.reserve(5);
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 200; ++i) {
                    JobTicket ticket = registry.start("x");
                    ticket.job().progress("y", 0.5);
                    (void)registry.snapshot();
                    ticket.finish();
                }
            });
        }
        threads.emplace_back([&] {
            for (int i = 0; i < 200; ++i) {
                registry.cancel_all();
            }
        });
    }
    EXPECT_FALSE(registry.any_running());
    EXPECT_GE(changes, 4 * 200 * 3);
}

TEST(ErrorLog, NumbersEntriesAndJoinsRepeats) {
    ErrorLog log;
    EXPECT_EQ(log.last(), 0U);
    log.add({"is broken", "file", "Repair it.", false});
    log.add({"cancelled", {}, {}, true});
    log.say(Severity::note, "hello");
    const auto seen = log.last();
    EXPECT_EQ(seen, 2U);
    log.say(Severity::note, "hello");
    const auto fresh = log.after(seen);
    ASSERT_EQ(fresh.size(), 1U);
    EXPECT_EQ(fresh[0].times, 2);
    EXPECT_EQ(fresh[0].sequence, 3U);
    const auto all = log.after(0);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].severity, Severity::error);
    EXPECT_EQ(all[0].where, "file");
    EXPECT_EQ(all[0].hint, "Repair it.");
    EXPECT_TRUE(log.after(3).empty());
    log.clear();
    EXPECT_TRUE(log.after(0).empty());
    log.say(Severity::warning, "again");
    EXPECT_EQ(log.last(), 4U);
}

TEST(ErrorLog, IsBounded) {
    ErrorLog log;
    for (int i = 0; i < 5000; ++i) {
        log.say(Severity::note, std::to_string(i));
    }
    EXPECT_EQ(log.after(0).size(), 1000U);
    EXPECT_EQ(log.after(0).back().what, "4999");
}

}  // namespace

}  // namespace lact::app
