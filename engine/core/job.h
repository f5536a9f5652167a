#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

namespace lact {

/// What a long job is given: a way to tell how far it is, and a way to learn that it should stop.
/// Both parts are optional; a default-made one reports nothing and is never stopped.
struct Job {
    /// Called on the working thread with the stage's name and the fraction done, in [0, 1].
    std::function<void(std::string_view stage, double fraction)> report;
    /// Called with a sentence that the person should read (a warning, what is being used).
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
