#pragma once

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "app/commands/services.h"
#include "engine/core/error.h"

namespace lact::app {

/// The parameters of the inspection panels. The first function adds layer, head and matrix, the second view
/// modes, the Muon factor and patches.
[[nodiscard]] Result<void> add_matrix_parameters(PanelServices services, ParameterTable& parameters);
[[nodiscard]] Result<void> add_inspection_parameters(PanelServices services, ParameterTable& parameters);

/// `selection.clear`. The document must outlive the command.
[[nodiscard]] Result<void> add_pin_commands(PanelServices services, CommandTable& commands);

/// `formula.show`: brings the panel to the front that shows a term of the formulae. Both tables must outlive
/// the command.
[[nodiscard]] Result<void> add_formula_links(CommandTable& commands, const ParameterTable& parameters);

/// The parameters and the command of the sequence panel; `view` must outlive the tables.
[[nodiscard]] Result<void> add_sequence_parameters(SequenceView& view, CommandTable& commands,
                                                   ParameterTable& parameters);

}  // namespace lact::app
