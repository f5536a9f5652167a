#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

namespace lact {

/// Progress reports and cancellation of a long job. All members are optional: a default-constructed Job
/// reports nothing and never stops.
struct Job {
    /// Called on the working thread with the name of the stage and the fraction done, in [0, 1].
    std::function<void(std::string_view stage, double fraction)> report;
    /// Called with a sentence for the user, such as a warning or a choice made.
    std::function<void(std::string_view sentence)> note;
    std::stop_token stop;

    void progress(std::string_view stage, double fraction) const {
        if (report) {
            report(stage, fraction);
        }
    }
    void say(std::string_view sentence) const {
        if (note) {
            note(sentence);
        }
    }
    [[nodiscard]] bool stopped() const { return stop.stop_requested(); }
};

}  // namespace lact
