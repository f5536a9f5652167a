#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace lact::pickle {

/// Position of a value in its Document. Values refer to each other by position: shared and cyclic structures
/// need no ownership and are freed without recursion.
using Index = std::uint32_t;

enum class Kind : std::uint8_t {
    none,
    boolean,
    integer,
    huge_integer,  ///< Beyond 64 bits; the value is not kept.
    real,
    text,
    bytes,
    tuple,
    list,
    dict,        ///< Also OrderedDict and Counter.
    set,         ///< Also frozenset.
    global,      ///< An allowed name such as "torch FloatStorage".
    call,        ///< An allowed constructor: items[0] is the global, items[1] the tuple of arguments.
    persistent,  ///< An object stored outside the pickle: items[0] is its id.
};

/// One value. The kind decides which members are valid.
struct Value {
    Kind kind = Kind::none;
    std::int64_t integer = 0;  ///< boolean, integer.
    double real = 0;           ///< real.
    std::string text;          ///< text (UTF-8), bytes; global: "module name".
    std::vector<Index> items;  ///< Elements; dict: key, value, key, value, …
};

/// A decoded pickle. It may hold cycles and shared values: code that walks it must bound depth and steps.
struct Document {
    std::deque<Value> values;
    Index root = 0;

    [[nodiscard]] const Value& at(Index index) const { return values[index]; }
    /// The value of a text key in a dict (the last one, as in Python); null if there is none.
    [[nodiscard]] const Value* find(const Value& dict, std::string_view key) const;
};

/// Limits on the size of a pickle; checkpoints with tens of thousands of tensors stay far below.
inline constexpr std::size_t kMaxBytes = std::size_t{32} << 20;
inline constexpr std::size_t kMaxValues = 2'000'000;

/// Text from a file for use in an error: at most 100 characters, with '?' for anything but printable ASCII.
[[nodiscard]] std::string shown(std::string_view text);

/// Decodes a pickle of protocol 2 to 5 into plain values and executes nothing. A fixed list holds the
/// allowed names (tensor and storage constructors of PyTorch, containers of Python). Errors: any other name,
/// an opcode that torch.save does not write, malformed input, an exceeded limit. `where` names the file in
/// errors.
[[nodiscard]] Result<Document> decode(std::string_view bytes, const std::string& where);

}  // namespace lact::pickle
