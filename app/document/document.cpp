#include "app/document/document.h"

#include <fmt/format.h>

namespace lact::app {

std::string Document::times(double milliseconds) const {
    return show_times ? fmt::format("{:.0f} ms", milliseconds) : std::string();
}

}  // namespace lact::app
