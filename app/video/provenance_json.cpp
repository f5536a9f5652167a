#include "app/video/provenance_json.h"

#include <nlohmann/json.hpp>

namespace lact::app {

std::string provenance_json(const FrameSinkOptions& options, bool ascii) {
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    for (const auto& [key, value] : options.provenance) {
        object[key] = value;
    }
    // A file name need not be UTF-8; the film is not lost over it.
    return object.dump(-1, ' ', ascii, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace lact::app
