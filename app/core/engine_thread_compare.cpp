// The engine thread's comparison: its sides, the pair beside every frame, the table of held-out views.
#include "app/core/engine_thread_shared.h"

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
        published.compare_problem =
            result.error().cancelled ? "The sides were not made: stopped." : result.error().message();
        return;
    }
    comparing = true;
    published.compare_problem.clear();
    camera_due = camera.has_value();
    CompareTable table = worker.comparison().empty_table();
    if (!published.table || published.table->sides != table.sides) {
        table_left = worker.comparison().held_out();
        published.table = std::make_shared<const CompareTable>(std::move(table));
    }
}

Result<std::shared_ptr<const ComparedPair>> EngineThread::Shared::pair_with(
    const std::shared_ptr<const Frame>& frame, const Job& job) {
    if (!comparing) {
        return std::shared_ptr<const ComparedPair>();
    }
    const Camera& from = frame->camera;
    const bool with_ssim = from.width * from.height <= largest_with_ssim;
    LACT_TRY(ComparedPair pair, worker.comparison().pair(from, frame, with_ssim, job));
    return std::make_shared<const ComparedPair>(std::move(pair));
}

void EngineThread::Shared::publish_pair(Result<std::shared_ptr<const ComparedPair>> pair) {
    if (!pair) {
        log.add(pair.error());
        comparing = false;  // it would fail from the next camera, too
        published.compare_problem = pair.error().message();
    }
    published.pair = pair ? std::move(*pair) : nullptr;
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
