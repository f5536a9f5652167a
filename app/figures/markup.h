#pragma once

#include <string>
#include <string_view>

namespace lact::app {

/// Text for SVG and HTML, between tags or in a quoted attribute. Control characters become spaces.
[[nodiscard]] std::string escaped_markup(std::string_view text);

}  // namespace lact::app
