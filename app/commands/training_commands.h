#pragma once

#include "app/commands/command_table.h"
#include "app/commands/commands.h"
#include "app/commands/parameter_table.h"
#include "app/document/document.h"
#include "app/runtime/training_watch.h"

#include <filesystem>
#include <optional>

namespace lact::app {

/// Commands and parameters of watched training runs. All arguments must outlive the tables.
[[nodiscard]] Result<void> add_training_commands(Document& document, TrainingWatch& watch,
                                                 CommandTable& commands, ParameterTable& parameters);

/// Detects that a followed run has written newer weights.
class TrainingFollower {
  public:
    /// The weight file to open, where the run in `folder` (empty: none) has one that was not returned before.
    /// A run that is no longer watched is no longer followed: `folder` becomes empty.
    [[nodiscard]] std::optional<std::filesystem::path> newer_weights(std::string& folder,
                                                                     const TrainingWatch& watch);

  private:
    std::string followed_;
    long long step_ = -1;  ///< Step of the weights returned last.
};

}  // namespace lact::app
