#include "tests/support/pickle_text.h"

#include <bit>

#include <caffe2/serialize/inline_container.h>

namespace lact::test {
namespace pickled {

std::string little_endian(std::uint64_t value, int width) {
    std::string bytes;
    for (int i = 0; i < width; ++i) {
        bytes += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
    }
    return bytes;
}

// Not operator+: GCC 12 warns of it without reason.
std::string joined(std::initializer_list<std::string_view> parts) {
    std::string whole;
    for (const std::string_view part : parts) {
        whole += part;
    }
    return whole;
}

std::string whole(std::string_view body) {
    return joined({"\x80\x02", body, "."});
}

std::string text(std::string_view value) {
    return joined({"X", little_endian(value.size(), 4), value});
}

std::string integer(std::int64_t value) {
    return joined({"\x8a\x08", little_endian(std::bit_cast<std::uint64_t>(value), 8)});
}

std::string tuple(std::initializer_list<std::int64_t> values) {
    std::string body = "(";
    for (const std::int64_t value : values) {
        body += integer(value);
    }
    return body + "t";
}

std::string global(std::string_view module, std::string_view name) {
    return joined({"c", module, "\n", name, "\n"});
}

std::string dict(std::initializer_list<std::pair<std::string_view, std::string>> items) {
    std::string body = "}(";
    for (const auto& [key, value] : items) {
        body += text(key) + value;
    }
    return body + "u";
}

std::string tensor(const TensorText& parts) {
    return joined({global("torch._utils", "_rebuild_tensor_v2"), "((", text("storage"),
                   global("torch", parts.type), text(parts.key), text(parts.location),
                   integer(parts.elements), "tQ", integer(parts.offset), tuple(parts.shape),
                   tuple(parts.strides), "\x89", global("collections", "OrderedDict"), ")RtR"});
}

}  // namespace pickled

std::string torch_zip(const std::map<std::string, std::string>& records) {
    std::string bytes;
    caffe2::serialize::PyTorchStreamWriter writer([&bytes](const void* data, std::size_t size) {
        bytes.append(static_cast<const char*>(data), size);
        return size;
    });
    for (const auto& [name, content] : records) {
        writer.writeRecord(name, content.data(), content.size());
    }
    writer.writeEndOfFile();
    return bytes;
}

}  // namespace lact::test
