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
    opaque,      ///< Any other class (text: "module name"), or an object of it (items[0]: the class). Its
                 ///< contents are dropped.
    persistent,  ///< An object stored outside the pickle: items[0] is its id.
};

/// One value. The kind decides which members are valid.
struct Value {
    Kind kind = Kind::none;
    std::int64_t integer = 0;  ///< boolean, integer.
    double real = 0;           ///< real.
    std::string text;          ///< text (UTF-8), bytes; global and opaque: "module name".
    std::vector<Index> items;  ///< Elements; dict: key, value, key, value, …
};

/// A decoded pickle. It may hold cycles and shared values: code that walks it must bound depth and steps.
struct Document {
    std::deque<Value> values;
    Index root = 0;

    [[nodiscard]] const Value& at(Index index) const { return values[index]; }
    /// The value of a text key in a dict (the last one, as in Python); null if there is none.
    [[nodiscard]] const Value* find(const Value& dict, std::string_view key) const;
    /// The class of an opaque value as "module.name", for messages; empty for other values.
    [[nodiscard]] std::string class_of(const Value& value) const;
};

/// Limits on the size of a pickle; checkpoints with tens of thousands of tensors stay far below.
inline constexpr std::size_t kMaxBytes = std::size_t{32} << 20;
inline constexpr std::size_t kMaxValues = 2'000'000;

/// Text from a file for use in an error: at most 100 characters, with '?' for anything but printable ASCII.
[[nodiscard]] std::string shown(std::string_view text);

/// Decodes a pickle of protocol 2 to 5 into plain values. Nothing is executed, whatever the pickle names. A
/// fixed list holds the names that become values (tensor and storage constructors of PyTorch, containers of
/// Python). Objects of other classes, which training scripts store beside the weights (optimizers, arguments,
/// NumPy scalars, configurations), become opaque values. Errors: a name through which Python would run
/// programs or code (os.system, builtins.eval), which no file of weights holds; an opcode that torch.save
/// does not write; malformed input; an exceeded limit. `where` names the file in errors.
[[nodiscard]] Result<Document> decode(std::string_view bytes, const std::string& where);

}  // namespace lact::pickle
