#pragma once

namespace lact::app {

/// What the program says where memory has run out.
inline constexpr char out_of_memory_text[] =
    "error: there is no memory left\n"
    "  Close other programs, or work with fewer views or a smaller size.\n";

/// Where an exception leaves what may not throw (a destructor, a thread of a library), the program ends. From
/// now on, if memory has run out, it says so first and ends with exit_failed; for other exceptions the
/// earlier handler follows. Such places exist in libraries: nlohmann::json (3.11) allocates in its
/// destructor.
void say_out_of_memory_at_the_end();

}  // namespace lact::app
