#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace lact::test {

/// Pickles written by hand, opcode by opcode, so that tests can say exactly what a file holds.
namespace pickled {

/// The parts one after the other.
[[nodiscard]] std::string joined(std::initializer_list<std::string_view> parts);
/// `value` as `width` little-endian bytes.
[[nodiscard]] std::string little_endian(std::uint64_t value, int width);
/// Protocol 2, the body, STOP.
[[nodiscard]] std::string whole(std::string_view body);
[[nodiscard]] std::string text(std::string_view value);
[[nodiscard]] std::string integer(std::int64_t value);
[[nodiscard]] std::string tuple(std::initializer_list<std::int64_t> values);
[[nodiscard]] std::string global(std::string_view module, std::string_view name);
/// A dict of text keys; the values are pickled already.
[[nodiscard]] std::string dict(std::initializer_list<std::pair<std::string_view, std::string>> items);

struct TensorText {
    std::string type = "FloatStorage";
    std::string key = "0";
    std::string location = "cpu";
    std::int64_t elements = 4;
    std::int64_t offset = 0;
    std::initializer_list<std::int64_t> shape = {2, 2};
    std::initializer_list<std::int64_t> strides = {2, 1};
};
/// `_rebuild_tensor_v2` as torch.save writes it.
[[nodiscard]] std::string tensor(const TensorText& parts);

}  // namespace pickled

/// A zip file as PyTorch writes it, with these records.
[[nodiscard]] std::string torch_zip(const std::map<std::string, std::string>& records);

}  // namespace lact::test
