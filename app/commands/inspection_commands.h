#pragma once

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "app/commands/services.h"
#include "engine/core/error.h"

namespace lact::app {

/// The parameters of the panels that look inside: layer, head and matrix; then looks, sides and patches.
[[nodiscard]] Result<void> add_matrix_parameters(PanelServices services, ParameterTable& parameters);
[[nodiscard]] Result<void> add_inside_parameters(PanelServices services, ParameterTable& parameters);

/// `look.at`: shows what a term of the formulae stands for. Both tables must outlive the action.
[[nodiscard]] Result<void> add_formula_links(CommandTable& commands, const ParameterTable& parameters);

/// The sequence panel's parameters and its action; `view` must outlive the tables.
[[nodiscard]] Result<void> add_sequence_parameters(SequenceView& view, CommandTable& commands,
                                                   ParameterTable& parameters);

}  // namespace lact::app
