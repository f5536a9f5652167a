#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace lact::app {

/// `0:07`, `12:34`, `1:02:03`; rounded up to whole seconds.
[[nodiscard]] std::string format_duration(std::chrono::duration<double> seconds);

/// How long the rest takes where `fraction` of a work in [0, 1] took `elapsed`, and goes on like that. Empty
/// while that says nothing: at its beginning, within the first half second, and at its end.
[[nodiscard]] std::optional<std::chrono::duration<double>> time_left(double fraction,
                                                                     std::chrono::duration<double> elapsed);

}  // namespace lact::app
