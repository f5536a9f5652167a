#pragma once

#include "app/commands/command_table.h"
#include "app/commands/commands.h"
#include "app/commands/parameter_table.h"
#include "app/document/document.h"
#include "app/runtime/training_watch.h"

#include <filesystem>
#include <optional>

namespace lact::app {

/// What can be done with the training runs that are watched. All arguments must outlive the tables.
[[nodiscard]] Result<void> add_training_commands(Document& document, TrainingWatch& watch,
                                                 CommandTable& commands, ParameterTable& parameters);

/// Tells when a followed run has written newer weights.
class TrainingFollower {
  public:
    /// The weight file to open now, if the run in `folder` (empty: none) has one that was not told before. A
    /// run that is watched no more is followed no more: `folder` becomes empty.
    [[nodiscard]] std::optional<std::filesystem::path> newer_weights(std::string& folder,
                                                                     const TrainingWatch& watch);

  private:
    std::string followed_;
    long long step_ = -1;  ///< Of the weights that were told last.
};

}  // namespace lact::app
