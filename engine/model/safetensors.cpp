// The safetensors format: 8 bytes of header length (little endian), a JSON header with type, shape and byte
// range of every tensor, then the data of the tensors without gaps. https://huggingface.co/docs/safetensors

#include "engine/model/safetensors.h"

#include "engine/core/counted.h"
#include "engine/core/files.h"
#include "engine/core/printable.h"
#include "engine/core/text_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

static_assert(std::endian::native == std::endian::little,
              "tensors are stored little endian and viewed in place");

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // The limit of the reference implementation.
constexpr std::size_t kMaxDimensions = 64;
constexpr const char* kMetadataKey = "__metadata__";
constexpr const char* kIncompleteHint = "The file is damaged or incomplete: copy or download it again.";

using Json = nlohmann::json;

struct NamedType {
    const char* name;
    at::ScalarType type;
};
constexpr std::array<NamedType, 10> kTypes{{{"F64", at::kDouble},
                                            {"F32", at::kFloat},
                                            {"F16", at::kHalf},
                                            {"BF16", at::kBFloat16},
                                            {"I64", at::kLong},
                                            {"I32", at::kInt},
                                            {"I16", at::kShort},
                                            {"I8", at::kChar},
                                            {"U8", at::kByte},
                                            {"BOOL", at::kBool}}};

/// One tensor as the header describes it; begin and end are offsets from the first byte after the header.
struct Entry {
    std::string name;
    at::ScalarType type = at::kFloat;
    std::vector<int64_t> shape;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// The file and the tensor (or header field) of an error.
std::string place(const std::string& file, const std::string& field) {
    return file + ": " + field;
}

/// The number of elements of a shape (empty dimensions count as 1), or nothing if the product overflows.
/// This also bounds the strides of tensors without elements.
std::optional<std::uint64_t> bounded_product(const std::vector<int64_t>& shape) {
    constexpr auto limit = static_cast<std::uint64_t>(std::numeric_limits<int64_t>::max()) / 16;
    std::uint64_t product = 1;
    for (const int64_t size : shape) {
        const auto factor = static_cast<std::uint64_t>(std::max<int64_t>(size, 1));
        if (factor > limit / product) {
            return std::nullopt;
        }
        product *= factor;
    }
    return product;
}

/// Parses the header and refuses duplicate names (the JSON parser would keep the last one).
Result<Json> parse_header(const std::string& where, std::string_view text) {
    std::set<std::string> names;
    std::string twice;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
        if (depth == 1 && event == Json::parse_event_t::key &&
            !names.insert(parsed.get_ref<const std::string&>()).second) {
            twice = parsed.get<std::string>();
        }
        return true;
    };
    LACT_CHECK(check_json_depth(text, where));
    Json header = Json::parse(text, watch, /*allow_exceptions=*/false);
    if (header.is_discarded()) {
        return fail(where, fmt::format("the safetensors header ({} bytes) is not valid JSON", text.size()),
                    kIncompleteHint);
    }
    if (!header.is_object()) {
        return fail(where, fmt::format("the safetensors header is a JSON {}, an object was expected",
                                       header.type_name()));
    }
    if (!twice.empty()) {
        return fail(place(where, twice), "the safetensors header names this tensor twice");
    }
    return header;
}

Result<std::uint64_t> unsigned_number(const std::string& where, const char* field, const Json& value) {
    if (!value.is_number_unsigned() ||
        value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<int64_t>::max())) {
        return fail(where, fmt::format("{} holds {}, a whole number >= 0 was expected", field,
                                       dump_json(value, -1, true).substr(0, 40)));
    }
    return value.get<std::uint64_t>();
}

Result<Entry> parse_entry(const std::string& file, const std::string& name, const Json& value) {
    const std::string where = place(file, name);
    if (!value.is_object() || !value.contains("dtype") || !value["dtype"].is_string() ||
        !value.contains("shape") || !value["shape"].is_array() || !value.contains("data_offsets") ||
        !value["data_offsets"].is_array()) {
        return fail(where, "the header entry lacks a string dtype, an array shape or an array data_offsets");
    }
    Entry entry;
    entry.name = name;
    const auto& type_name = value["dtype"].get_ref<const std::string&>();
    const auto* type = std::find_if(kTypes.begin(), kTypes.end(),
                                    [&](const NamedType& candidate) { return candidate.name == type_name; });
    if (type == kTypes.end()) {
        return fail(where, fmt::format("unknown dtype \"{}\"", type_name),
                    "Known types: F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL. Store the tensor as one of them.");
    }
    entry.type = type->type;
    if (value["shape"].size() > kMaxDimensions) {
        return fail(where, fmt::format("has {} dimensions, at most {} are supported", value["shape"].size(),
                                       kMaxDimensions));
    }
    for (const Json& size : value["shape"]) {
        LACT_TRY(const std::uint64_t number, unsigned_number(where, "shape", size));
        entry.shape.push_back(static_cast<int64_t>(number));
    }
    if (value["data_offsets"].size() != 2) {
        return fail(where, fmt::format("data_offsets holds {}, two were expected",
                                       counted(value["data_offsets"].size(), "number")));
    }
    LACT_TRY(entry.begin, unsigned_number(where, "data_offsets", value["data_offsets"][0]));
    LACT_TRY(entry.end, unsigned_number(where, "data_offsets", value["data_offsets"][1]));
    return entry;
}

/// Checks the byte range of a tensor against its shape and against the file.
Result<void> check_entry(const std::string& file, const Entry& entry, std::uint64_t data_bytes) {
    const std::string where = place(file, entry.name);
    if (entry.begin > entry.end || entry.end > data_bytes) {
        return fail(where,
                    fmt::format("its bytes [{}, {}) are not inside the {} bytes of data the file holds",
                                entry.begin, entry.end, data_bytes),
                    kIncompleteHint);
    }
    const auto bounded = bounded_product(entry.shape);
    if (!bounded) {
        return fail(where, fmt::format("shape [{}] is too large", fmt::join(entry.shape, ", ")));
    }
    const bool empty = std::find(entry.shape.begin(), entry.shape.end(), 0) != entry.shape.end();
    const std::uint64_t expected = empty ? 0 : *bounded * at::elementSize(entry.type);
    if (entry.end - entry.begin != expected) {
        return fail(where,
                    fmt::format("shape [{}] of {} needs {} bytes, the header gives it {}",
                                fmt::join(entry.shape, ", "), at::toString(entry.type), expected,
                                entry.end - entry.begin),
                    kIncompleteHint);
    }
    return {};
}

/// A file that ends within its tensors is a download or copy that stopped: says where.
Result<void> check_length(const std::string& file, const std::vector<Entry>& entries,
                          std::uint64_t file_bytes, std::uint64_t header_bytes) {
    std::uint64_t end = 0;
    bool plausible = true;
    for (const Entry& entry : entries) {
        const auto bounded = bounded_product(entry.shape);
        plausible = plausible && bounded && entry.begin <= entry.end &&
                    (entry.end - entry.begin) / at::elementSize(entry.type) <= *bounded;
        end = std::max(end, entry.end);
    }
    if (plausible && end > file_bytes - header_bytes) {
        return fail(
            file,
            fmt::format("is incomplete: its header describes {} bytes, the file has {} ({:.0f} %); the "
                        "tensors after byte {} are not inside it",
                        header_bytes + end, file_bytes,
                        100.0 * static_cast<double>(file_bytes) / static_cast<double>(header_bytes + end),
                        file_bytes),
            kIncompleteHint);
    }
    return {};
}

/// The tensors must cover the data without overlap, gap or remainder, as the format requires.
Result<void> check_layout(const std::string& file, std::vector<Entry> entries, std::uint64_t data_bytes) {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::uint64_t end = 0;
    for (const Entry& entry : entries) {
        if (entry.begin != end) {
            return fail(place(file, entry.name),
                        fmt::format("begins at byte {} of the data, the tensor before it ends at {} ({})",
                                    entry.begin, end, entry.begin < end ? "they overlap" : "there is a gap"),
                        kIncompleteHint);
        }
        end = entry.end;
    }
    if (end != data_bytes) {
        return fail(file, fmt::format("holds {} bytes of data, its tensors use only {}", data_bytes, end),
                    kIncompleteHint);
    }
    return {};
}

/// A tensor that views the bytes of the file; a copy if they are not aligned for its type.
Result<at::Tensor> view_of(const std::string& file, const Entry& entry, std::span<const std::byte> data,
                           const std::shared_ptr<const FileBytes>& owner) {
    const auto bytes = data.subspan(entry.begin, entry.end - entry.begin);
    const auto options = at::TensorOptions().dtype(entry.type);
    if (bytes.empty()) {
        return at::empty(entry.shape, options);
    }
    // A C++ bool holds no other byte.
    if (entry.type == at::kBool &&
        std::any_of(bytes.begin(), bytes.end(), [](std::byte value) { return value > std::byte{1}; })) {
        return fail(place(file, entry.name), "a BOOL tensor holds bytes other than 0 and 1", kIncompleteHint);
    }
    if (std::bit_cast<std::uintptr_t>(bytes.data()) % at::elementSize(entry.type) != 0) {
        at::Tensor copy = at::empty(entry.shape, options);
        std::memcpy(copy.data_ptr(), bytes.data(), bytes.size());
        return copy;
    }
    // from_blob takes mutable memory only; the interface declares these tensors read-only.
    return at::from_blob(
        const_cast<std::byte*>(bytes.data()), entry.shape, [owner](void*) {}, options);
}

Result<std::map<std::string, std::string>> parse_metadata(const std::string& file, const Json& value) {
    std::map<std::string, std::string> metadata;
    if (!value.is_object()) {
        return fail(place(file, kMetadataKey), "is not a JSON object of strings");
    }
    for (const auto& [key, text] : value.items()) {
        if (!text.is_string()) {
            return fail(place(file, fmt::format("{}.{}", kMetadataKey, key)),
                        fmt::format("is a JSON {}, a string was expected", text.type_name()));
        }
        metadata.emplace(key, text.get<std::string>());
    }
    return metadata;
}

/// What the header says, checked against the size of the file.
struct FileHeader {
    std::map<std::string, std::string> metadata;
    std::vector<Entry> entries;
};

/// The length of the header by the first bytes of the file.
Result<std::uint64_t> header_length(const std::string& where, std::string_view start,
                                    std::uint64_t file_bytes) {
    if (start.size() < kLengthBytes) {
        return fail(where,
                    fmt::format("holds {}, too few for a safetensors file", counted(file_bytes, "byte")),
                    kIncompleteHint);
    }
    std::uint64_t length = 0;
    std::memcpy(&length, start.data(), kLengthBytes);
    if (length > kMaxHeaderBytes || length > file_bytes - kLengthBytes) {
        return fail(
            where,
            fmt::format("the safetensors header should have {} bytes, the file holds {} in all (limit {})",
                        length, file_bytes, kMaxHeaderBytes),
            "The file is damaged, incomplete (a download that stopped) or not a safetensors file.");
    }
    return length;
}

Result<FileHeader> read_header(const std::string& where, std::string_view text, std::uint64_t file_bytes) {
    const std::uint64_t data_begin = kLengthBytes + text.size();
    LACT_TRY(const Json json, parse_header(where, text));
    FileHeader header;
    for (const auto& [name, value] : json.items()) {
        if (name == kMetadataKey) {
            LACT_TRY(header.metadata, parse_metadata(where, value));
            continue;
        }
        LACT_TRY(Entry entry, parse_entry(where, name, value));
        header.entries.push_back(std::move(entry));
    }
    LACT_CHECK(check_length(where, header.entries, file_bytes, data_begin));
    for (const Entry& entry : header.entries) {
        LACT_CHECK(check_entry(where, entry, file_bytes - data_begin));
    }
    LACT_CHECK(check_layout(where, header.entries, file_bytes - data_begin));
    return header;
}

Result<TensorFile> read_whole(const std::filesystem::path& path) {
    LACT_TRY(FileBytes read, FileBytes::read(path));
    const auto owner = std::make_shared<const FileBytes>(std::move(read));
    const auto bytes = owner->bytes();
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes.data())),
                                bytes.size());
    const std::string where = path.string();
    LACT_TRY(const std::uint64_t length, header_length(where, text, bytes.size()));
    LACT_TRY(FileHeader header, read_header(where, text.substr(kLengthBytes, length), bytes.size()));
    TensorFile file;
    file.metadata = std::move(header.metadata);
    for (const Entry& entry : header.entries) {
        LACT_TRY(file.tensors[entry.name],
                 view_of(where, entry, bytes.subspan(kLengthBytes + length), owner));
    }
    return file;
}

/// The tensors without their data.
Result<TensorFile> read_header_only(const std::filesystem::path& path) {
    const std::string where = path.string();
    LACT_TRY(const OpenFile open, open_for_reading(path));
    LACT_TRY(const std::string start,
             read_file_part(open, 0, std::min<std::size_t>(open.size, kLengthBytes), path));
    LACT_TRY(const std::uint64_t length, header_length(where, start, open.size));
    LACT_TRY(const std::string text, read_file_part(open, kLengthBytes, length, path));
    LACT_TRY(FileHeader header, read_header(where, text, open.size));
    TensorFile file;
    file.metadata = std::move(header.metadata);
    for (const Entry& entry : header.entries) {
        file.tensors[entry.name] =
            at::empty(entry.shape, at::TensorOptions().dtype(entry.type).device(at::kMeta));
    }
    return file;
}

/// A contiguous CPU copy of each tensor in file order: wide types first, so that every tensor is aligned for
/// its type, then by name.
Result<std::vector<std::pair<std::string, at::Tensor>>> in_file_order(const std::string& where,
                                                                      const TensorFile& file) {
    std::vector<std::pair<std::string, at::Tensor>> ordered;
    for (const auto& [name, tensor] : file.tensors) {
        if (name == kMetadataKey || !tensor.defined()) {
            return fail(place(where, name),
                        tensor.defined() ? "is a reserved name" : "is not a tensor, it cannot be written");
        }
        ordered.emplace_back(name, tensor.detach().to(at::kCPU).contiguous());
    }
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
        return a.second.element_size() > b.second.element_size();
    });
    return ordered;
}

Result<std::string> encode(const std::string& where, const TensorFile& file) {
    LACT_TRY(const auto ordered, in_file_order(where, file));
    Json header = Json::object();
    if (!file.metadata.empty()) {
        header[kMetadataKey] = file.metadata;
    }
    std::uint64_t offset = 0;
    for (const auto& [name, tensor] : ordered) {
        const auto type = tensor.scalar_type();
        const auto* known = std::find_if(kTypes.begin(), kTypes.end(),
                                         [&](const NamedType& candidate) { return candidate.type == type; });
        if (known == kTypes.end()) {
            return fail(place(where, name), fmt::format("tensors of type {} cannot be written as safetensors",
                                                        at::toString(type)));
        }
        if (printable_line(name) != name) {
            return fail(place(where, name),
                        "this name of a tensor holds control characters, or bytes that are not UTF-8 text");
        }
        const std::uint64_t end = offset + tensor.nbytes();
        header[name] = {
            {"dtype", known->name}, {"shape", tensor.sizes().vec()}, {"data_offsets", {offset, end}}};
        offset = end;
    }
    std::string text = dump_json(header);
    text.append((kLengthBytes - text.size() % kLengthBytes) % kLengthBytes, ' ');
    const std::uint64_t length = text.size();
    std::string bytes(kLengthBytes, '\0');
    std::memcpy(bytes.data(), &length, kLengthBytes);
    bytes.reserve(kLengthBytes + length + offset);
    bytes += text;
    for (const auto& [name, tensor] : ordered) {
        bytes.append(static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes());
    }
    return bytes;
}

}  // namespace

Result<TensorFile> read_safetensors(const std::filesystem::path& path, TensorContent content) {
    try {
        return content == TensorContent::whole ? read_whole(path) : read_header_only(path);
    } catch (const std::exception& error) {
        return fail(path.string(), fmt::format("cannot be read as safetensors: {}", error.what()));
    }
}

Result<void> write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
    try {
        LACT_TRY(const std::string bytes, encode(path.string(), file));
        return write_file_atomically(path, bytes);
    } catch (const std::exception& error) {
        return fail(path.string(), fmt::format("cannot be written as safetensors: {}", error.what()));
    }
}

}  // namespace lact
