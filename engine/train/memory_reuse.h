#pragma once

namespace lact {

/// Tells the C library to keep freed memory for the next training step instead of giving it back to the
/// system: without it every step pays for its pages again. For the whole process; does nothing where the
/// library has no such switch.
void keep_freed_memory();

}  // namespace lact
