// The engine thread's comparison: its sides, the pair beside every frame, the table of held-out views.
#include "app/core/engine_thread_shared.h"

#include <algorithm>
#include <utility>

namespace lact::app {
namespace {

/// The SSIM of larger pictures takes longer than some models take to render them: it comes after the pair.
constexpr int largest_with_ssim = 128 * 128;

}  // namespace

void EngineThread::Shared::make_sides(std::unique_lock<std::mutex>& lock) {
    sides_due = false;
    comparing = false;
    const std::optional<CompareWish> wish = compare_wish;
    if (!wish) {
        published.pair = nullptr;
        published.table = nullptr;
        published.compare_problem.clear();
        ++published.version;
        table_left.clear();
        camera_due = camera && (camera_due || frame_left_out);
        lock.unlock();
        worker.end_comparison();
        tell();
        lock.lock();
        return;
    }
    making_sides = true;
    JobTicket ticket = jobs.start("Compare");
    work = ticket.stop();
    lock.unlock();
    const auto result = guarded([&] { return worker.set_sides(*wish, ticket.job()); });
    ticket.finish(result);
    lock.lock();
    making_sides = false;
    work = std::stop_source(std::nostopstate);
    if (compare_wish == wish) {
        sides_made(result);
        lock.unlock();
        tell();
        lock.lock();
    }
}

void EngineThread::Shared::sides_made(const Result<void>& result) {
    if (!result && result.error().cancelled && superseded) {
        sides_due = true;  // stopped for a set-up: still wanted after it
        return;
    }
    ++published.version;
    if (!result) {
        log.add(result.error());
        published.pair = nullptr;
        published.table = nullptr;
        camera_due = camera && (camera_due || frame_left_out);
        published.compare_problem =
            result.error().cancelled ? "The sides were not made: stopped." : result.error().message();
        return;
    }
    comparing = true;
    published.compare_problem.clear();
    camera_due = camera.has_value();
    CompareTable table = worker.comparison().empty_table();
    if (!published.table || published.table->sides != table.sides) {
        table_views = worker.comparison().held_out();
        table_left = table_views;
        published.table = std::make_shared<const CompareTable>(std::move(table));
    }
}

Result<std::shared_ptr<const ComparedPair>> EngineThread::Shared::pair_from(
    const Camera& from, const std::shared_ptr<const Frame>& frame, const Job& job) {
    if (!comparing) {
        return std::shared_ptr<const ComparedPair>();
    }
    const bool with_ssim = from.width * from.height <= largest_with_ssim;
    LACT_TRY(ComparedPair pair, worker.comparison().pair(from, frame, with_ssim, job));
    return std::make_shared<const ComparedPair>(std::move(pair));
}

void EngineThread::Shared::publish_pair(Result<std::shared_ptr<const ComparedPair>> pair) {
    if (!pair) {
        log.add(pair.error());
        comparing = false;  // it would fail from the next camera, too
        camera_due = camera_due || frame_left_out;
        published.compare_problem = pair.error().message();
    }
    published.pair = pair ? std::move(*pair) : nullptr;
}

std::shared_ptr<const Frame> EngineThread::Shared::frame_at(const Camera& from) const {
    if (!frame_is_of_state()) {
        return nullptr;
    }
    const Camera& its = published.frame->camera;
    const bool same = its.width == from.width && its.height == from.height && its.fx == from.fx &&
                      its.fy == from.fy && its.cx == from.cx && its.cy == from.cy && its.c2w == from.c2w;
    return same ? published.frame : nullptr;
}

/// The frame of a pair that came without it: what is open, from the same camera.
void EngineThread::Shared::render_left_out(std::unique_lock<std::mutex>& lock) {
    const Camera wanted = *camera;
    work = std::stop_source();
    answering = true;
    Job job;
    job.stop = work.get_token();
    lock.unlock();
    auto frame = frame_from(worker.fitted(wanted), job);
    lock.lock();
    answering = false;
    work = std::stop_source(std::nostopstate);
    if (!frame && frame.error().cancelled) {
        return;  // a moved camera comes first
    }
    frame_left_out = false;
    if (frame) {
        published.frame = std::move(*frame);
        ++published.version;
    } else {
        log.add(frame.error());
    }
    lock.unlock();
    tell();
    lock.lock();
}

void EngineThread::Shared::take_up_table() {
    if (!published.table || !table_left.empty()) {
        return;
    }
    const auto& rows = published.table->rows;
    for (const std::size_t view : table_views) {
        if (std::ranges::find(rows, view, &CompareRow::view) == rows.end()) {
            table_left.push_back(view);
        }
    }
}

void EngineThread::Shared::complete_pair(std::unique_lock<std::mutex>& lock) {
    const auto before = published.pair;
    lock.unlock();
    ComparedPair pair = *before;
    worker.comparison().complete(pair);
    lock.lock();
    if (published.pair == before) {
        published.pair = std::make_shared<const ComparedPair>(std::move(pair));
        ++published.version;
    }
    lock.unlock();
    tell();
    lock.lock();
}

void EngineThread::Shared::add_table_row(std::unique_lock<std::mutex>& lock) {
    const std::size_t view = table_left.front();
    work = std::stop_source();
    answering = true;
    Job job;
    job.stop = work.get_token();
    lock.unlock();
    auto row = guarded([&] { return worker.comparison().row(view, job); });
    lock.lock();
    answering = false;
    work = std::stop_source(std::nostopstate);
    if (!row && row.error().cancelled) {
        return;  // a moved camera comes first; the view again afterwards
    }
    if (!row) {
        log.add(row.error());
        table_left.clear();
    } else if (!table_left.empty() && !sides_due) {
        table_left.erase(table_left.begin());
        CompareTable table = *published.table;
        table.rows.push_back(std::move(*row));
        published.table = std::make_shared<const CompareTable>(std::move(table));
        ++published.version;
    }
    lock.unlock();
    tell();
    lock.lock();
}

}  // namespace lact::app
