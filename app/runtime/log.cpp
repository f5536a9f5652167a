#include "app/runtime/log.h"

#include "engine/core/printable.h"

#include <utility>

namespace lact::app {

namespace {

constexpr std::size_t kept_entries = 1000;

}  // namespace

std::string_view to_string(Severity severity) {
    switch (severity) {
        case Severity::note:
            return "note";
        case Severity::warning:
            return "warning";
        case Severity::error:
            break;
    }
    return "error";
}

void ErrorLog::add(const Error& error, Severity severity) {
    if (!error.cancelled) {
        append({0, severity, error.what, error.where, error.hint});
    }
}

void ErrorLog::say(Severity severity, std::string what, std::string where) {
    append({0, severity, std::move(what), std::move(where)});
}

void ErrorLog::wrote(std::string what, const std::filesystem::path& file) {
    std::error_code ignored;
    LogEntry entry{0, Severity::note, std::move(what), file.string()};
    entry.file = std::filesystem::absolute(file, ignored).lexically_normal();
    if (!entry.file.empty()) {
        entry.where = entry.file.string();
    }
    append(std::move(entry));
}

void ErrorLog::list(Severity severity, std::string what, std::string where) {
    LogEntry entry{0, severity, std::move(what), std::move(where)};
    entry.quiet = true;
    append(std::move(entry));
}

void ErrorLog::append(LogEntry entry) {
    entry.what = printable(entry.what);
    entry.where = printable_line(entry.where);
    entry.hint = printable(entry.hint);
    const std::scoped_lock lock(mutex_);
    entry.sequence = ++last_;
    if (!entries_.empty()) {
        LogEntry& previous = entries_.back();
        if (previous.severity == entry.severity && previous.what == entry.what &&
            previous.where == entry.where && previous.hint == entry.hint) {
            previous.sequence = entry.sequence;
            ++previous.times;
            return;
        }
    }
    entries_.push_back(std::move(entry));
    if (entries_.size() > kept_entries) {
        entries_.pop_front();
    }
}

std::vector<LogEntry> ErrorLog::after(std::uint64_t sequence) const {
    const std::scoped_lock lock(mutex_);
    std::vector<LogEntry> found;
    for (const LogEntry& entry : entries_) {
        if (entry.sequence > sequence) {
            found.push_back(entry);
        }
    }
    return found;
}

std::uint64_t ErrorLog::last() const {
    const std::scoped_lock lock(mutex_);
    return last_;
}

void ErrorLog::clear() {
    const std::scoped_lock lock(mutex_);
    entries_.clear();
}

}  // namespace lact::app
