#pragma once

#include "app/video/frame_sink.h"

#include <string>

namespace lact::app {

/// What films carry as their comment: the options' provenance as one JSON object, keys in the given order.
/// `ascii`: other characters are written as \u escapes, for containers whose comments are plain ASCII.
[[nodiscard]] std::string provenance_json(const FrameSinkOptions& options, bool ascii = false);

}  // namespace lact::app
