#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <deque>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace lact::app {

enum class Severity { note, warning, error };
[[nodiscard]] std::string_view to_string(Severity severity);

/// A message for the user: what, where and what to do.
struct LogEntry {
    std::uint64_t sequence = 0;  ///< Rises by one for every entry, from 1.
    Severity severity = Severity::note;
    std::string what{};
    std::string where{};           ///< May be empty.
    std::string hint{};            ///< May be empty.
    int times = 1;                 ///< Number of repetitions in a row; `sequence` is that of the last one.
    bool quiet = false;            ///< Without a notification: the message is shown elsewhere.
    std::filesystem::path file{};  ///< Absolute path of a file or folder that was written; empty: none.
};

/// Errors, warnings and notes in order. Any thread may add; the interface reads by sequence number. Keeps the
/// last thousand.
class ErrorLog {
  public:
    /// Cancelled jobs are not failures and are not added.
    void add(const Error& error, Severity severity = Severity::error);
    void say(Severity severity, std::string what, std::string where = {});
    /// A note that a file or folder was written: "saved the session".
    void wrote(std::string what, const std::filesystem::path& file);
    /// The same without a notification.
    void list(Severity severity, std::string what, std::string where = {});

    /// Entries that were added, or repeated, after `sequence`; 0 gives all.
    [[nodiscard]] std::vector<LogEntry> after(std::uint64_t sequence) const;
    /// Sequence number of the last entry, 0 when there was none: tells whether there is anything new.
    [[nodiscard]] std::uint64_t last() const;
    /// Forgets the entries; sequence numbers go on.
    void clear();

  private:
    void append(LogEntry entry);

    mutable std::mutex mutex_;
    std::deque<LogEntry> entries_;
    std::uint64_t last_ = 0;
};

}  // namespace lact::app
