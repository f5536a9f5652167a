#pragma once

#include "engine/core/error.h"

#include <string_view>

namespace lact {

/// How the way from one key of a camera track to the next is gone.
enum class Easing {
    smooth,       ///< Through both keys without a change of speed there.
    linear,       ///< At one pace; the speed may change at once at the keys.
    ease_in,      ///< From rest.
    ease_out,     ///< Comes to rest.
    ease_in_out,  ///< From rest to rest.
    hold,         ///< Stays at the key until the next one's time, then jumps.
};

[[nodiscard]] Result<Easing> parse_easing(
    std::string_view text);  ///< "smooth|linear|ease-in|ease-out|ease-in-out|hold"
[[nodiscard]] std::string_view to_string(Easing easing);

}  // namespace lact
