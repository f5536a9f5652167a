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

/// How widgets do things: they run commands and set parameters; what is refused is logged, so that the user
/// is told.
class Dispatch {
  public:
    /// All must outlive this.
    Dispatch(const CommandTable& commands, const ParameterTable& parameters, ErrorLog& log)
        : commands_(&commands), parameters_(&parameters), log_(&log) {}

    template <CommandType C>
    void run(const C& command) const {
        report(commands_->run(command));
    }
    /// A row without arguments, by its id.
    void run(std::string_view id) const { report(commands_->run(id)); }
    /// Sets a parameter; a value that it cannot take is ignored.
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
    /// Of a parameter; empty where there is none.
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

/// The two tables, and how to use them.
struct Tables {
    explicit Tables(ErrorLog& log) : dispatch(commands, parameters, log) {}

    CommandTable commands;
    ParameterTable parameters;
    Dispatch dispatch;
};

/// All that panels and controllers are given: what the runtime knows, what is open and shown, and how to do
/// things.
struct PanelServices {
    SnapshotRef snapshot;
    Document* document;
    const Dispatch* dispatch;
};

}  // namespace lact::app
