#pragma once

#include "app/window/panel.h"

#include <span>
#include <string>

namespace lact::app {

/// A vector as one row of coloured cells over the whole width, in the diverging colours from -max to max,
/// with its name and norm above; the channel under the pointer is told. `words`: what it is.
void draw_vector_strip(window::PanelContext& context, const char* id, const std::string& name,
                       std::span<const double> values, const std::string& words);

}  // namespace lact::app
