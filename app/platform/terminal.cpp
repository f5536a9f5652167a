#include "app/platform/terminal.h"

#include "engine/core/printable.h"

#include <string>

namespace lact::app {

void print_text(std::FILE* stream, std::string_view text) {
    const std::string shown = printable(text);
    std::fwrite(shown.data(), 1, shown.size(), stream);
}

}  // namespace lact::app
