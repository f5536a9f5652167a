#pragma once

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "engine/core/error.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

namespace lact::app {

struct RunCommand {
    std::string id;
    nlohmann::json with = nlohmann::json::object();
};
struct SetParameter {
    std::string id;
    ParameterValue to;
    double over = 0;  ///< Duration of the eased transition, seconds; numbers only.
};
struct WaitIdle {};
/// Until `over` says so, which is asked once a frame, after the first one. The program makes such steps;
/// files have none.
struct WaitFor {
    std::function<bool()> over;
};
struct WaitSeconds {
    double seconds = 0;
};
/// Until so many seconds after the script's first step.
struct WaitUntil {
    double seconds = 0;
};
using ScriptStep = std::variant<RunCommand, SetParameter, WaitIdle, WaitFor, WaitSeconds, WaitUntil>;

/// Seconds that a step may wait, or lie after the beginning.
inline constexpr double longest_script_wait = 3600;

/// What a script may do beyond showing something (Effect). Each includes those before it.
enum class ScriptRights {
    shows,       ///< Nothing: steps that would are passed over, each with a warning.
    customizes,  ///< Changing the interface: of a recording, which has one of its own.
    opens,       ///< Opening other files; the rest is passed over.
    new_files,   ///< Everything but replacing files.
    all
};

/// A list of steps, for tours, tests and recordings:
/// `[{"action": "scene.open", "with": {"path": "..."}}, {"set": "viewport.filter", "to": "bicubic"},
///   {"wait": "idle"}, {"wait": 0.5}, {"at": 3}, {"set": "compare.divider", "to": 0.2, "over": 2}]`
struct Script {
    std::vector<ScriptStep> steps;
    /// Called with the error of a parameter that cannot be set; the script goes on. Empty: the script fails.
    std::function<void(const Error&)> pass_over;
    ScriptRights rights = ScriptRights::shows;
    bool restores_session = false;  ///< The program made it: what is opened meanwhile plays after it.
    /// Called with a step that the rights do not allow, which is passed over.
    std::function<void(const Error&)> refused;
};

/// What the steps touch beyond what is shown, one line each: "Save the path ...: /tmp/path.json, replaces the
/// file". Empty: the script only shows.
[[nodiscard]] std::vector<std::string> requests_of(const Script& script, const CommandTable& commands,
                                                   const ParameterTable& parameters);

/// Errors name the step by its number from 0: not a list, no or several kinds in one step, unknown key, id or
/// argument, a bad time. `where` names the file in them.
[[nodiscard]] Result<Script> parse_script(const nlohmann::json& json, const std::string& where,
                                          const CommandTable& commands, const ParameterTable& parameters);
[[nodiscard]] Result<Script> load_script(const std::filesystem::path& path, const CommandTable& commands,
                                         const ParameterTable& parameters);

/// The steps with ids of earlier versions (aliases) replaced by those of now; all else stays as it is.
[[nodiscard]] nlohmann::json with_current_ids(nlohmann::json steps, const CommandTable& commands,
                                              const ParameterTable& parameters);

/// A step as text, with the titles of the tables: "Inner steps: 16, over 1.5 s".
[[nodiscard]] std::string step_words(const nlohmann::json& step, const CommandTable& commands,
                                     const ParameterTable& parameters);

/// Runs a script from the frame loop.
class ScriptRunner {
  public:
    enum class State { running, done, failed };

    /// `now` gives seconds of any steady clock. The tables must outlive this.
    ScriptRunner(Script script, const CommandTable& commands, const ParameterTable& parameters,
                 std::function<double()> now);

    /// Once a frame: runs at most one step. `idle`: nothing is being computed and the image is final. A wait
    /// for idle never ends in the frame in which it began, so that the requests of the step before are
    /// visible. A step that fails ends the script.
    State step(bool idle);

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] std::size_t next() const { return next_; }  ///< Index of the next step.
    [[nodiscard]] std::size_t size() const { return script_.steps.size(); }
    [[nodiscard]] bool restores_session() const { return script_.restores_session; }
    /// Seconds left, without waits for idle.
    [[nodiscard]] double seconds_left() const;
    [[nodiscard]] const Error& error() const { return error_; }  ///< Of the failed step, with its number.

  private:
    Result<bool> advance(bool idle);  ///< Whether the step is over.
    Result<bool> advance_set(const SetParameter& set);
    /// Whether the rights of the script forbid the next step, which is then passed over. Error: it would
    /// replace a file.
    Result<bool> forbidden() const;

    Script script_;
    const CommandTable* commands_;
    const ParameterTable* parameters_;
    std::function<double()> now_;
    State state_ = State::running;
    std::size_t next_ = 0;
    std::optional<double> began_;  ///< Time when the script began, and when the current step did.
    std::optional<double> wait_began_;
    double set_from_ = 0;
    Error error_;
};

/// A step of a tour: a text, and a script that shows what it describes. The script sets everything that it
/// depends on, so that steps can be taken in any order.
struct TourStep {
    std::string title;
    std::string text;
    Script script;
};
using Tour = std::vector<TourStep>;

/// Reads `[{"title": "...", "text": "...", "steps": [script steps]}, ...]`. Errors name the step: no list, a
/// missing text, a step that parse_script() refuses.
[[nodiscard]] Result<Tour> load_tour(const std::filesystem::path& path, const CommandTable& commands,
                                     const ParameterTable& parameters);

}  // namespace lact::app
