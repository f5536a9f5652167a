#pragma once

#include "app/panels/rule_formula.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <vector>

namespace lact::app {

/// Formulae set line by line; terms that stand for a matrix are links to it (the action look.at).
void draw_formula(window::PanelContext& context, const PanelServices& services,
                  const std::vector<FormulaLine>& lines);

}  // namespace lact::app
