#include "app/figures/markup.h"

namespace lact::app {

std::string escaped_markup(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        switch (c) {
            case '&':
                safe += "&amp;";
                break;
            case '<':
                safe += "&lt;";
                break;
            case '>':
                safe += "&gt;";
                break;
            case '"':
                safe += "&quot;";
                break;
            default:
                safe += static_cast<unsigned char>(c) < 0x20U ? ' ' : c;
        }
    }
    return safe;
}

}  // namespace lact::app
