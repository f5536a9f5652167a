#include "app/runtime/training_watch.h"

#include "engine/core/guarded.h"
#include "engine/core/json_numbers.h"
#include "engine/core/printable.h"
#include "engine/core/text_file.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <csignal>
#include <ctime>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::vector<std::string_view> cells_of(std::string_view line) {
    std::vector<std::string_view> cells;
    while (true) {
        const auto comma = line.find(',');
        cells.push_back(line.substr(0, comma));
        if (comma == std::string_view::npos) {
            return cells;
        }
        line.remove_prefix(comma + 1);
    }
}

/// A finite number: no curve can be drawn through others.
std::optional<double> number(std::string_view text) {
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = problem == std::errc() && end == text.data() + text.size();
    return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// Reads the rows of curve.csv into the curves; finds columns by their names.
void read_curves(std::string_view text, TrainingView& view) {
    std::map<std::string_view, std::size_t> column;
    bool header = true;
    double evaluated_step = -1;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto cells = cells_of(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (std::exchange(header, false)) {
            for (std::size_t i = 0; i < cells.size(); ++i) {
                column[cells[i]] = i;
            }
            continue;
        }
        const auto cell = [&](std::string_view name) {
            const auto at = column.find(name);
            return at == column.end() || at->second >= cells.size() ? std::string_view() : cells[at->second];
        };
        const auto step = number(cell("step"));
        if (!step) {
            continue;  // a partially written row
        }
        const CurvePoint at{*step, number(cell("scenes")).value_or(0), number(cell("hours")).value_or(0), 0};
        const auto add = [&](std::string_view name, std::vector<CurvePoint>& curve) {
            if (const auto value = number(cell(name))) {
                curve.push_back({at.step, at.scenes, at.hours, *value});
            }
        };
        add("train_psnr", view.train_psnr);
        add("learning_rate", view.learning_rate);
        // An evaluation writes the row of the family first, then those of the watched scenes.
        if (!cell("heldout").empty() && std::exchange(evaluated_step, *step) != *step) {
            add("psnr", view.held_out);
            add("nearest_view", view.nearest_view);
        }
    }
}

/// Whether the process that says it runs is gone: killed, or the machine went off. A process of another
/// machine, whose number says nothing here, writes run.json every few seconds.
bool has_died(const json& status) {
    constexpr long long silent_seconds = 60;
    constexpr long long most = 1'000'000'000'000;
    const auto pid = whole_number(status.value("pid", json()), 1, std::numeric_limits<::pid_t>::max());
    const auto updated = whole_number(status.value("updated", json()), 0, most);
    return pid && updated && std::time(nullptr) - *updated > silent_seconds &&
           ::kill(static_cast<::pid_t>(*pid), 0) != 0 && errno == ESRCH;
}

void read_newest_sheet(TrainingView& view, const TrainingView* last) {
    std::error_code problem;
    fs::path newest;
    for (fs::directory_iterator entry(view.folder / "sheets", problem), end; !problem && entry != end;
         entry.increment(problem)) {
        if (entry->path().extension() == ".png" && entry->path().filename() > newest.filename()) {
            newest = entry->path();
        }
    }
    if (newest.empty()) {
        return;
    }
    view.sheet_name = newest.filename().string();
    // One that cannot be read may still be being copied here: it is tried again.
    if (last != nullptr && last->folder == view.folder && last->sheet_name == view.sheet_name &&
        last->sheet != nullptr) {
        view.sheet = last->sheet;
    } else if (auto sheet = load_image(newest)) {
        view.sheet = std::make_shared<const Image8>(std::move(*sheet));
    }
}

}  // namespace

Result<TrainingView> read_training(const fs::path& folder, const TrainingView* last) {
    if (std::error_code unknown; !fs::exists(folder / "run.json", unknown) && !unknown) {
        return fail(folder.string(), "is not the folder of a training run (it has no run.json)",
                    "lactscope train -o FOLDER makes one.");
    }
    const auto text = read_text_file(folder / "run.json");
    if (!text) {
        return tl::unexpected<Error>(text.error());
    }
    const json status = parse_json(*text, (folder / "run.json").string()).value_or(json());
    if (!status.is_object()) {
        return fail((folder / "run.json").string(), "is not readable");
    }
    TrainingView view;
    view.folder = folder;
    try {
        view.name = printable_line(status.value("name", ""));
        view.state = status.value("state", "");
        if (view.state == "running" && has_died(status)) {
            view.state = "ended early: lactscope train --resume continues it";
        }
        view.device = status.value("device", "");
        bool sound = true;
        const auto count = [&](const char* name, long long least) {
            constexpr long long most = 1'000'000'000'000;
            const auto number = whole_number(status.value(name, json(least)), least, most);
            sound = sound && number.has_value();
            return number.value_or(least);
        };
        view.steps_done = count("steps_done", 0);
        view.steps = count("steps", 0);
        view.checkpoint_step = count("checkpoint_step", -1);
        if (!sound) {
            return fail((folder / "run.json").string(), "has a number of steps that is none");
        }
        if (const json& step = status.value("last_step", json::object()); step.is_object()) {
            view.scenes_per_second = step.value("scenes_per_second", 0.0);
            view.hours = step.value("hours", 0.0);
        }
    } catch (const json::exception& problem) {
        return fail((folder / "run.json").string(), problem.what());
    }
    if (const auto curve = read_text_file(folder / "curve.csv")) {
        read_curves(*curve, view);
    }
    read_newest_sheet(view, last);
    return view;
}

TrainingWatch::TrainingWatch(std::function<void()> wake)
    : wake_(std::move(wake)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

TrainingWatch::~TrainingWatch() = default;

TrainingWatch::Views::iterator TrainingWatch::find(const fs::path& folder) {
    return std::find_if(views_.begin(), views_.end(),
                        [&](const auto& view) { return view->folder == folder; });
}

Result<void> TrainingWatch::open(const fs::path& given) {
    const fs::path folder = watched_folder(given);
    LACT_TRY(TrainingView read, read_training(folder));
    auto view = std::make_shared<const TrainingView>(std::move(read));
    {
        const std::scoped_lock lock(mutex_);
        if (const auto known = find(folder); known != views_.end()) {
            *known = std::move(view);
        } else {
            if (views_.size() == most) {
                views_.erase(views_.begin());
            }
            views_.push_back(std::move(view));
        }
    }
    changed_.notify_all();
    return {};
}

Result<void> TrainingWatch::close(const fs::path& given) {
    const fs::path folder = watched_folder(given);
    const std::scoped_lock lock(mutex_);
    const auto known = find(folder);
    if (known == views_.end()) {
        return fail(folder.string(), "is not the folder of a watched run");
    }
    views_.erase(known);
    return {};
}

fs::path watched_folder(const fs::path& folder) {
    std::error_code problem;
    fs::path path = fs::absolute(folder, problem).lexically_normal();
    return path.has_filename() ? path : path.parent_path();
}

std::string label_of(const TrainingView& view, const TrainingWatch::Views& among) {
    const fs::path name = view.folder.filename();
    const auto same =
        std::ranges::count_if(among, [&](const auto& other) { return other->folder.filename() == name; });
    return same > 1 ? (view.folder.parent_path().filename() / name).string() : name.string();
}

TrainingWatch::Views TrainingWatch::views() const {
    const std::scoped_lock lock(mutex_);
    return views_;
}

void TrainingWatch::run(const std::stop_token& stop) {
    constexpr auto pause = std::chrono::seconds(2);
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !views_.empty(); }), !stop.stop_requested()) {
        changed_.wait_for(lock, stop, pause, [] { return false; });
        if (stop.stop_requested()) {
            return;
        }
        bool woken = false;
        for (const auto& last : Views(views_)) {
            lock.unlock();
            auto fresh =
                guarded(last->folder.string(), [&last] { return read_training(last->folder, last.get()); });
            lock.lock();
            if (!fresh && last->state != unreadable_training) {
                TrainingView gone = *last;
                gone.state = unreadable_training;
                fresh = std::move(gone);
            }
            const bool changed =
                fresh && (fresh->steps_done != last->steps_done || fresh->state != last->state ||
                          fresh->checkpoint_step != last->checkpoint_step ||
                          fresh->held_out.size() != last->held_out.size() ||
                          fresh->sheet_name != last->sheet_name || fresh->sheet != last->sheet);
            const auto known = find(last->folder);
            if (changed && known != views_.end() && *known == last) {
                *known = std::make_shared<const TrainingView>(std::move(*fresh));
                woken = true;
            }
        }
        if (woken && wake_) {
            lock.unlock();
            wake_();
            lock.lock();
        }
    }
}

}  // namespace lact::app
