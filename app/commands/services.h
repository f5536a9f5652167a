#pragma once

#include "app/commands/command_table.h"
#include "app/commands/commands.h"
#include "app/commands/parameter_table.h"
#include "app/document/document.h"
#include "app/runtime/frame_state.h"
#include "app/runtime/log.h"

#include <string>
#include <string_view>

namespace lact::app {

/// How widgets act: they run commands and set parameters. Errors of commands are logged, so that the user
/// sees them.
class Dispatch {
  public:
    /// All must outlive this.
    Dispatch(const CommandTable& commands, const ParameterTable& parameters, ErrorLog& log)
        : commands_(&commands), parameters_(&parameters), log_(&log) {}

    template <CommandType C>
    void run(const C& command) const {
        report(commands_->run(command));
    }
    /// Runs a command without arguments, by its id.
    void run(std::string_view id) const { report(commands_->run(id)); }
    /// Sets a parameter; a value outside of its domain is ignored.
    void set(std::string_view id, const ParameterValue& value) const { (void)parameters_->set(id, value); }
    void report(const Result<void>& done) const {
        if (!done) {
            log_->add(done.error());
        }
    }

    /// The row of a command type, for its title, tooltip and why it cannot run now.
    template <CommandType C>
    [[nodiscard]] const Command* find() const {
        return commands_->find(C::id);
    }
    /// The tooltip of a parameter; empty where there is none.
    [[nodiscard]] std::string tooltip(std::string_view id) const {
        const Parameter* parameter = parameters_->find(id);
        return parameter != nullptr ? parameter->tooltip : std::string();
    }
    [[nodiscard]] const CommandTable& commands() const { return *commands_; }
    [[nodiscard]] const ParameterTable& parameters() const { return *parameters_; }
    [[nodiscard]] ErrorLog& log() const { return *log_; }

  private:
    const CommandTable* commands_;
    const ParameterTable* parameters_;
    ErrorLog* log_;
};

/// The command table, the parameter table, and a dispatch over both.
struct Tables {
    explicit Tables(ErrorLog& log) : dispatch(commands, parameters, log) {}

    CommandTable commands;
    ParameterTable parameters;
    Dispatch dispatch;
};

/// What panels and controllers get: the newest snapshot of the runtime, the document, and the dispatch of
/// commands.
struct PanelServices {
    SnapshotRef snapshot;
    Document* document;
    const Dispatch* dispatch;
};

}  // namespace lact::app
