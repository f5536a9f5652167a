// The engine thread's comparison: its sides, the pair beside every frame, the table of held-out views.
#include "app/runtime/engine_service_state.h"

#include <algorithm>
#include <utility>

namespace lact::app {

namespace {

/// The SSIM of larger pictures takes longer than some models take to render them: it comes after the pair.
constexpr int largest_with_ssim = 128 * 128;

}  // namespace

void EngineService::Shared::make_sides(std::unique_lock<std::mutex>& lock) {
    sides_due = false;
    comparing = false;
    const std::optional<CompareRequest> request = compare_request;
    if (!request) {
        snapshot.pair = nullptr;
        snapshot.table = nullptr;
        snapshot.compare_problem.clear();
        ++snapshot.version;
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
    const auto result = guarded([&] { return worker.set_sides(*request, ticket.job()); });
    ticket.finish(result);
    lock.lock();
    making_sides = false;
    work = std::stop_source(std::nostopstate);
    if (compare_request == request) {
        sides_made(result);
        lock.unlock();
        tell();
        lock.lock();
    }
}

void EngineService::Shared::sides_made(const Result<void>& result) {
    if (!result && result.error().cancelled && superseded) {
        sides_due = true;  // stopped for a set-up: still wanted after it
        return;
    }
    ++snapshot.version;
    if (!result) {
        log.add(result.error());
        snapshot.pair = nullptr;
        snapshot.table = nullptr;
        camera_due = camera && (camera_due || frame_left_out);
        snapshot.compare_problem =
            result.error().cancelled ? "The sides were not made: stopped." : result.error().message();
        return;
    }
    comparing = true;
    snapshot.compare_problem.clear();
    camera_due = camera.has_value();
    CompareTable table = worker.comparison().empty_table();
    if (!snapshot.table || snapshot.table->sides != table.sides) {
        table_views = worker.comparison().held_out();
        table_left = table_views;
        snapshot.table = std::make_shared<const CompareTable>(std::move(table));
    }
}

Result<std::shared_ptr<const ComparedPair>> EngineService::Shared::pair_from(
    const Camera& from, const std::shared_ptr<const Frame>& frame, const Job& job) {
    if (!comparing) {
        return std::shared_ptr<const ComparedPair>();
    }
    const bool with_ssim = from.width * from.height <= largest_with_ssim;
    LACT_TRY(ComparedPair pair, worker.comparison().pair(from, frame, with_ssim, job));
    return std::make_shared<const ComparedPair>(std::move(pair));
}

void EngineService::Shared::publish_pair(Result<std::shared_ptr<const ComparedPair>> pair) {
    if (!pair) {
        log.add(pair.error());
        comparing = false;  // it would fail from the next camera, too
        camera_due = camera_due || frame_left_out;
        snapshot.compare_problem = pair.error().message();
    }
    snapshot.pair = pair ? std::move(*pair) : nullptr;
}

std::shared_ptr<const Frame> EngineService::Shared::frame_at(const Camera& from) const {
    if (!frame_is_of_state()) {
        return nullptr;
    }
    const Camera& its = snapshot.frame->camera;
    const bool same = its.width == from.width && its.height == from.height && its.fx == from.fx &&
                      its.fy == from.fy && its.cx == from.cx && its.cy == from.cy && its.c2w == from.c2w;
    return same ? snapshot.frame : nullptr;
}

/// The frame of a pair that came without it: what is open, from the same camera.
void EngineService::Shared::render_left_out(std::unique_lock<std::mutex>& lock) {
    const Camera requested = *camera;
    work = std::stop_source();
    answering = true;
    Job job;
    job.stop = work.get_token();
    lock.unlock();
    auto frame = frame_from(worker.fitted(requested), job);
    lock.lock();
    answering = false;
    work = std::stop_source(std::nostopstate);
    if (!frame && frame.error().cancelled) {
        return;  // a moved camera comes first
    }
    frame_left_out = false;
    if (frame) {
        snapshot.frame = std::move(*frame);
        ++snapshot.version;
    } else {
        log.add(frame.error());
    }
    lock.unlock();
    tell();
    lock.lock();
}

void EngineService::Shared::take_up_table() {
    if (!snapshot.table || !table_left.empty()) {
        return;
    }
    const auto& rows = snapshot.table->rows;
    for (const std::size_t view : table_views) {
        if (std::ranges::find(rows, view, &CompareRow::view) == rows.end()) {
            table_left.push_back(view);
        }
    }
}

void EngineService::Shared::complete_pair(std::unique_lock<std::mutex>& lock) {
    const auto before = snapshot.pair;
    lock.unlock();
    ComparedPair pair = *before;
    worker.comparison().complete(pair);
    lock.lock();
    if (snapshot.pair == before) {
        snapshot.pair = std::make_shared<const ComparedPair>(std::move(pair));
        ++snapshot.version;
    }
    lock.unlock();
    tell();
    lock.lock();
}

void EngineService::Shared::add_table_row(std::unique_lock<std::mutex>& lock) {
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
        CompareTable table = *snapshot.table;
        table.rows.push_back(std::move(*row));
        snapshot.table = std::make_shared<const CompareTable>(std::move(table));
        ++snapshot.version;
    }
    lock.unlock();
    tell();
    lock.lock();
}

}  // namespace lact::app
