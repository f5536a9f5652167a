#include "app/runtime/jobs.h"

#include "engine/core/printable.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr std::size_t kept_ended_jobs = 16;

}  // namespace

std::string_view to_string(JobState state) {
    switch (state) {
        case JobState::running:
            return "running";
        case JobState::done:
            return "done";
        case JobState::failed:
            return "failed";
        case JobState::cancelled:
            break;
    }
    return "cancelled";
}

std::string progress_text(const JobStatus& job) {
    std::string text = fmt::format("{} {:.0f} %", job.stage.empty() ? "starting" : job.stage,
                                   std::floor(100 * job.fraction));
    if (const auto left = time_left(job.began_at, job.fraction, job.elapsed)) {
        text += fmt::format(", {} left", format_duration(*left));
    }
    return text;
}

struct JobTicket::Shared {
    struct Entry {
        JobStatus status;
        std::stop_source stop;
        std::chrono::steady_clock::time_point stage_began = std::chrono::steady_clock::now();
    };
    std::mutex mutex;
    std::deque<Entry> entries;
    std::uint64_t last_id = 0;
    /// Keeps the registry alive while workers call `changed`, possibly concurrently.
    std::shared_mutex changed_mutex;
    std::function<void()> changed;

    /// Applies `change` to a job, if it is still known, and calls `changed`.
    template <class Change>
    bool update(std::uint64_t id, const Change& change) {
        {
            const std::scoped_lock lock(mutex);
            const auto entry = std::find_if(entries.begin(), entries.end(),
                                            [&](const Entry& one) { return one.status.id == id; });
            if (entry == entries.end() || !change(*entry)) {
                return false;
            }
        }
        tell();
        return true;
    }
    void tell() {
        const std::shared_lock lock(changed_mutex);
        if (changed) {
            changed();
        }
    }
    /// Drops the oldest ended jobs; the mutex is held.
    void forget_old() {
        const auto ended = [](const Entry& one) { return one.status.state != JobState::running; };
        auto count = static_cast<std::size_t>(std::count_if(entries.begin(), entries.end(), ended));
        for (; count > kept_ended_jobs; --count) {
            entries.erase(std::find_if(entries.begin(), entries.end(), ended));
        }
    }
};

JobTicket& JobTicket::operator=(JobTicket&& other) noexcept {
    if (this != &other) {
        finish(cancelled());
        shared_ = std::exchange(other.shared_, nullptr);
        id_ = other.id_;
        stop_ = std::move(other.stop_);
    }
    return *this;
}

JobTicket::~JobTicket() {
    finish(cancelled());
}

Job JobTicket::job() const {
    Job job;
    job.stop = stop_.get_token();
    if (shared_) {
        job.report = [shared = shared_, id = id_](std::string_view stage, double fraction) {
            shared->update(id, [&](Shared::Entry& entry) {
                if (entry.status.state != JobState::running) {
                    return false;
                }
                entry.status.fraction = std::isfinite(fraction) ? std::clamp(fraction, 0.0, 1.0) : 0.0;
                if (std::string shown = printable_line(stage); entry.status.stage != shown) {
                    entry.status.stage = std::move(shown);
                    entry.status.began_at = entry.status.fraction;
                    entry.stage_began = std::chrono::steady_clock::now();
                }
                return true;
            });
        };
    }
    return job;
}

std::stop_source JobTicket::stop() const {
    return stop_;
}

void JobTicket::finish(const Result<void>& result) {
    const auto shared = std::exchange(shared_, nullptr);
    if (!shared) {
        return;
    }
    shared->update(id_, [&](Shared::Entry& entry) {
        JobStatus& status = entry.status;
        status.cancelling = false;
        if (result) {
            status.state = JobState::done;
            status.fraction = 1;
        } else if (result.error().cancelled) {
            status.state = JobState::cancelled;
        } else {
            status.state = JobState::failed;
            status.error = result.error().message();
        }
        shared->forget_old();  // `entry` is not used after this: it may be gone
        return true;
    });
}

JobRegistry::JobRegistry(std::function<void()> changed) : shared_(std::make_shared<JobTicket::Shared>()) {
    shared_->changed = std::move(changed);
}

JobRegistry::~JobRegistry() {
    const std::scoped_lock lock(shared_->changed_mutex);
    shared_->changed = nullptr;
}

JobTicket JobRegistry::start(std::string title, EndedBy ended_by) {
    JobTicket ticket;
    ticket.shared_ = shared_;
    ticket.stop_ = std::stop_source();
    {
        const std::scoped_lock lock(shared_->mutex);
        ticket.id_ = ++shared_->last_id;
        JobStatus status;
        status.id = ticket.id_;
        status.title = printable_line(title);
        status.ended_by = ended_by;
        shared_->entries.push_back({.status = std::move(status), .stop = ticket.stop_});
    }
    shared_->tell();
    return ticket;
}

bool JobRegistry::cancel(std::uint64_t id) {
    std::optional<std::stop_source> stop;
    const bool found = shared_->update(id, [&](JobTicket::Shared::Entry& entry) {
        if (entry.status.state != JobState::running) {
            return false;
        }
        entry.status.cancelling = true;
        stop = entry.stop;
        return true;
    });
    if (stop) {
        stop->request_stop();  // without the lock: runs stop callbacks
    }
    return found;
}

void JobRegistry::cancel_all() {
    for (const JobStatus& status : snapshot()) {
        if (status.state == JobState::running && status.ended_by == EndedBy::anything) {
            cancel(status.id);
        }
    }
}

std::vector<JobStatus> JobRegistry::snapshot() const {
    const std::scoped_lock lock(shared_->mutex);
    std::vector<JobStatus> all;
    for (const auto& entry : shared_->entries) {
        all.push_back(entry.status);
        if (entry.status.state == JobState::running) {
            all.back().elapsed = std::chrono::steady_clock::now() - entry.stage_began;
        }
    }
    return all;
}

bool JobRegistry::any_stoppable() const {
    const std::scoped_lock lock(shared_->mutex);
    return std::any_of(shared_->entries.begin(), shared_->entries.end(), [](const auto& entry) {
        return entry.status.state == JobState::running && entry.status.ended_by == EndedBy::anything;
    });
}

bool JobRegistry::any_running() const {
    const std::scoped_lock lock(shared_->mutex);
    return std::any_of(shared_->entries.begin(), shared_->entries.end(),
                       [](const auto& entry) { return entry.status.state == JobState::running; });
}

namespace {

/// Estimates from less time fluctuate too much.
constexpr std::chrono::duration<double> shortest_experience{0.5};

}  // namespace

std::string format_duration(std::chrono::duration<double> seconds) {
    const auto total = static_cast<long long>(std::ceil(std::clamp(seconds.count(), 0.0, 359'999.0)));
    if (total < 3600) {
        return fmt::format("{}:{:02d}", total / 60, total % 60);
    }
    return fmt::format("{}:{:02d}:{:02d}", total / 3600, total / 60 % 60, total % 60);
}

std::optional<std::chrono::duration<double>> time_left(double began_at, double fraction,
                                                       std::chrono::duration<double> elapsed) {
    if (!(fraction > began_at) || fraction >= 1 || elapsed < shortest_experience) {
        return std::nullopt;
    }
    return elapsed * ((1 - fraction) / (fraction - began_at));
}

}  // namespace lact::app
