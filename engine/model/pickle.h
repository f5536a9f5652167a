#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace lact::pickle {

/// Position of a value in its Document. Values refer to each other by it, so that shared and even cyclic
/// structures need no ownership and are freed without recursion.
using Index = std::uint32_t;

enum class Kind : std::uint8_t {
    none,
    boolean,
    integer,
    huge_integer,  ///< Beyond 64 bits; its value is dropped.
    real,
    text,
    bytes,
    tuple,
    list,
    dict,        ///< Also OrderedDict and Counter.
    set,         ///< Also frozenset.
    global,      ///< A harmless name such as "torch FloatStorage".
    call,        ///< A harmless constructor: items[0] is the global, items[1] the tuple of arguments.
    persistent,  ///< Something kept outside the pickle: items[0] says which.
};

/// One value. Which members mean something depends on the kind.
struct Value {
    Kind kind = Kind::none;
    std::int64_t integer = 0;  ///< boolean, integer.
    double real = 0;           ///< real.
    std::string text;          ///< text (UTF-8), bytes; global: "module name".
    std::vector<Index> items;  ///< Elements; dict: key, value, key, value, …
};

/// A decoded pickle. May hold cycles and shared values: whoever walks it has to bound depth and steps.
struct Document {
    std::deque<Value> values;
    Index root = 0;

    [[nodiscard]] const Value& at(Index index) const { return values[index]; }
    /// The value of a text key in a dict (the last one, as Python has it); null where there is none.
    [[nodiscard]] const Value* find(const Value& dict, std::string_view key) const;
};

/// Bounds on what a pickle may ask for; checkpoints of tens of thousands of tensors stay far below.
inline constexpr std::size_t kMaxBytes = std::size_t{32} << 20;
inline constexpr std::size_t kMaxValues = 2'000'000;

/// Text from a file as an error may show it: at most 100 characters, others than printable ASCII as '?'.
[[nodiscard]] std::string shown(std::string_view text);

/// Decodes a pickle of protocol 2 to 5 into plain values and never executes it: the names in it are compared
/// with a fixed list (tensor and storage constructors of PyTorch, containers of Python), and any other name,
/// any opcode that torch.save does not write and any malformed input is an error that names it. `where`
/// stands before errors.
[[nodiscard]] Result<Document> decode(std::string_view bytes, const std::string& where);

}  // namespace lact::pickle
