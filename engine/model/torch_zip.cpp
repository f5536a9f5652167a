// Reads PyTorch zip files: records through the reader of PyTorch, the pickle through pickle.h, which
// executes nothing.

#include "engine/model/torch_zip.h"

#include "engine/core/files.h"
#include "engine/model/pickle.h"
#include "engine/model/state_names.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <exception>
#include <limits>
#include <new>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <caffe2/serialize/inline_container.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {

namespace {

struct NamedStorage {
    std::string_view name;
    at::ScalarType type;
};
constexpr std::array<NamedStorage, 12> kStorages{{{"torch DoubleStorage", at::kDouble},
                                                  {"torch FloatStorage", at::kFloat},
                                                  {"torch HalfStorage", at::kHalf},
                                                  {"torch BFloat16Storage", at::kBFloat16},
                                                  {"torch LongStorage", at::kLong},
                                                  {"torch IntStorage", at::kInt},
                                                  {"torch ShortStorage", at::kShort},
                                                  {"torch CharStorage", at::kChar},
                                                  {"torch ByteStorage", at::kByte},
                                                  {"torch BoolStorage", at::kBool},
                                                  {"torch UntypedStorage", at::kByte},
                                                  {"torch.storage UntypedStorage", at::kByte}}};

}  // namespace

std::optional<at::ScalarType> storage_type(std::string_view global) {
    for (const auto& storage : kStorages) {
        if (storage.name == global) {
            return storage.type;
        }
    }
    return std::nullopt;
}

std::string_view storage_name(at::ScalarType type) {
    for (const auto& storage : kStorages) {
        if (storage.type == type) {
            return storage.name;
        }
    }
    return {};
}

namespace {

using pickle::Document;
using pickle::Index;
using pickle::Kind;
using pickle::shown;
using pickle::Value;

constexpr const char* kDamagedArchiveHint = "The file is damaged: copy or download it again.";
constexpr const char* kSaveHint = "Save it in Python as torch.save({\"model\": model.state_dict()}, path).";
constexpr std::size_t kMaxTensorDimensions = 64;
/// Limits on walking the values, which may contain each other.
constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxSteps = 2'000'000;

/// The arguments of a tensor's constructor, also inside `_rebuild_parameter`; null if `value` is not a
/// tensor.
const Value* tensor_arguments(const Document& document, const Value& value) {
    const Value* call = &value;
    for (int wrapped = 0; wrapped < kMaxDepth && call->kind == Kind::call; ++wrapped) {
        const Value& arguments = document.at(call->items[1]);
        const std::string& name = document.at(call->items[0]).text;
        if (name == "torch._utils _rebuild_tensor_v2") {
            return &arguments;
        }
        if (arguments.items.empty()) {
            return nullptr;
        }
        if (name == "torch._tensor _rebuild_from_type_v2") {
            // (constructor, class, its arguments, state): a tensor with attributes of its own.
            if (arguments.items.size() < 3) {
                return nullptr;
            }
            const Value& inner = document.at(arguments.items[2]);
            if (document.at(arguments.items[0]).text == "torch._utils _rebuild_tensor_v2") {
                return &inner;
            }
            if (inner.items.empty()) {
                return nullptr;
            }
            call = &document.at(inner.items[0]);
            continue;
        }
        if (!name.starts_with("torch._utils _rebuild_parameter")) {
            return nullptr;
        }
        call = &document.at(arguments.items[0]);
    }
    return nullptr;
}

/// The elements of a tuple of whole numbers >= 0.
std::optional<std::vector<int64_t>> sizes_of(const Document& document, const Value& tuple) {
    std::vector<int64_t> sizes;
    if (tuple.kind != Kind::tuple || tuple.items.size() > kMaxTensorDimensions) {
        return std::nullopt;
    }
    for (const Index index : tuple.items) {
        const Value& size = document.at(index);
        if (size.kind != Kind::integer || size.integer < 0) {
            return std::nullopt;
        }
        sizes.push_back(size.integer);
    }
    return sizes;
}

/// The layout of a tensor in its storage, in elements.
struct Layout {
    std::int64_t offset = 0;
    std::vector<int64_t> shape;
    std::vector<int64_t> strides;
};

/// Whether every element of the layout lies inside a storage of `elements`, and the layout has at most as
/// many elements as the storage (an expanded tensor could claim any size).
bool fits(const Layout& layout, std::int64_t elements) {
    if (layout.offset > elements) {
        return false;
    }
    const bool empty = std::find(layout.shape.begin(), layout.shape.end(), 0) != layout.shape.end();
    std::int64_t count = 1;
    std::int64_t last = layout.offset;
    for (std::size_t i = 0; i < layout.shape.size(); ++i) {
        const std::int64_t size = std::max<std::int64_t>(layout.shape[i], 1);
        // Empty tensors need no storage; only overflow matters.
        const std::int64_t limit = empty ? std::numeric_limits<std::int64_t>::max() / 16 : elements;
        if (size > limit / count) {
            return false;
        }
        count *= size;
        if (!empty && size > 1) {
            if (layout.strides[i] > (elements - 1 - last) / (size - 1)) {
                return false;
            }
            last += (size - 1) * layout.strides[i];
        }
    }
    return empty || last < elements;
}

/// A storage of the file, read once even if several tensors view it.
struct StoredBytes {
    c10::Storage storage;
    std::int64_t bytes = 0;
};

/// Reads one file.
class TorchZip {
  public:
    TorchZip(const std::filesystem::path& path, std::uint64_t file_bytes)
        : where_(path.string()), budget_(file_bytes), reader_(path.string()) {}

    Result<TensorFile> read();

  private:
    Result<std::string> text_record(const std::string& name);
    Result<void> collect(const Document& document, const Value& dict, const std::string& prefix, int depth);
    Result<void> read_state(const Document& document);
    Result<at::Tensor> tensor(const Document& document, const Value& arguments, const std::string& name);
    Result<StoredBytes> storage(const std::string& key, std::uint64_t bytes, const std::string& name);
    void collect_metadata(const Document& document, const Value& dict);
    [[nodiscard]] std::string place(const std::string& name) const { return where_ + ": " + shown(name); }

    std::string where_;
    std::uint64_t budget_;  ///< Bytes that may still be read: the records of a file are together no longer
                            ///< than the file.
    std::size_t steps_ = 0;
    caffe2::serialize::PyTorchStreamReader reader_;
    std::unordered_map<std::string, StoredBytes> storages_;
    TensorFile file_;
    /// What collect() found: the arguments of each tensor's constructor, and names with a part that is
    /// neither a string nor a number.
    std::map<std::string, const Value*> found_;
    std::set<std::string> unnamed_;
};

Result<std::string> TorchZip::text_record(const std::string& name) {
    const std::size_t size = reader_.getRecordSize(name);
    if (size > budget_ || size > pickle::kMaxBytes) {
        return fail(place(name),
                    fmt::format("claims {} bytes, the file has {} (at most {} are read)", size, budget_,
                                pickle::kMaxBytes),
                    kDamagedArchiveHint);
    }
    auto [data, bytes] = reader_.getRecord(name);
    return std::string(static_cast<const char*>(data.get()), bytes);
}

Result<TensorFile> TorchZip::read() {
    if (!reader_.hasRecord("data.pkl")) {
        return fail(where_, "is a zip file without the record data.pkl, so PyTorch did not write it");
    }
    if (reader_.hasRecord("byteorder")) {
        LACT_TRY(const std::string order, text_record("byteorder"));
        if (order != "little") {
            return fail(where_, fmt::format("was written with byte order \"{}\"", shown(order)),
                        "Load and save it with PyTorch on a little-endian machine.");
        }
    }
    LACT_TRY(const std::string bytes, text_record("data.pkl"));
    LACT_TRY(const Document document, pickle::decode(bytes, where_));
    const Value& root = document.at(document.root);
    if (root.kind != Kind::dict) {
        const std::string type = shown(document.class_of(root));
        return fail(where_,
                    type.empty()
                        ? "does not hold a dictionary of tensors"
                        : fmt::format("holds an object of the class {}, not a dictionary of tensors", type),
                    kSaveHint);
    }
    collect_metadata(document, root);
    LACT_CHECK(collect(document, root, "", 0));
    LACT_CHECK(read_state(document));
    if (file_.tensors.empty()) {
        return fail(where_, "holds no tensors", kSaveHint);
    }
    return std::move(file_);
}

/// Reads the tensors of the network and leaves out what training stores beside it.
Result<void> TorchZip::read_state(const Document& document) {
    TensorShapes shapes;
    for (const auto& [name, arguments] : found_) {
        const bool shaped = arguments->items.size() > 2;
        shapes[name] =
            shaped ? sizes_of(document, document.at(arguments->items[2])).value_or(std::vector<int64_t>())
                   : std::vector<int64_t>();
    }
    StateSelection selection = select_state(shapes);
    for (const auto& [name, stored] : selection.names) {
        if (unnamed_.contains(stored)) {
            return fail(place(stored), "a tensor's name is neither a string nor a whole number");
        }
        LACT_TRY(file_.tensors[name], tensor(document, *found_.at(stored), stored));
    }
    file_.state_from = std::move(selection.from);
    file_.left_out = std::move(selection.left_out);
    return {};
}

/// Reads the strings that write_torch_zip() stores beside the model.
void TorchZip::collect_metadata(const Document& document, const Value& dict) {
    const Value* metadata = document.find(dict, "metadata");
    if (metadata == nullptr || metadata->kind != Kind::dict) {
        return;
    }
    for (std::size_t i = 0; i + 1 < metadata->items.size(); i += 2) {
        const Value& key = document.at(metadata->items[i]);
        const Value& value = document.at(metadata->items[i + 1]);
        if (key.kind == Kind::text && value.kind == Kind::text) {
            file_.metadata[key.text] = value.text;
        }
    }
}

/// Finds the tensors of a dictionary and of nested dictionaries; ignores numbers, strings, lists and opaque
/// values.
Result<void> TorchZip::collect(const Document& document, const Value& dict, const std::string& prefix,
                               int depth) {
    if (depth > kMaxDepth) {
        return fail(place(prefix), fmt::format("dictionaries are nested more than {} deep", kMaxDepth));
    }
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
        if (++steps_ > kMaxSteps) {
            return fail(where_, fmt::format("its dictionaries hold more than {} entries in all", kMaxSteps));
        }
        const Value& key = document.at(dict.items[i]);
        const Value& value = document.at(dict.items[i + 1]);
        const Value* arguments = tensor_arguments(document, value);
        if (arguments == nullptr && value.kind != Kind::dict) {
            continue;
        }
        const bool named = key.kind == Kind::text || key.kind == Kind::integer;
        const std::string name = prefix + (key.kind == Kind::text ? key.text
                                           : named                ? std::to_string(key.integer)
                                                                  : fmt::format("?{}", i / 2));
        if (!named) {
            unnamed_.insert(name);
        }
        if (arguments == nullptr) {
            LACT_CHECK(collect(document, value, name + ".", depth + 1));
            continue;
        }
        if (!found_.emplace(name, arguments).second) {
            return fail(place(name), "two tensors have this name");
        }
    }
    return {};
}

/// Makes the tensor of `_rebuild_tensor_v2(storage, offset, size, stride, …)` with the storage as persistent
/// id `("storage", type, key, location, elements)`. Ignores the location (a device).
Result<at::Tensor> TorchZip::tensor(const Document& document, const Value& arguments,
                                    const std::string& name) {
    const auto malformed = [&](const char* what) { return fail(place(name), what, kDamagedArchiveHint); };
    if (arguments.items.size() < 4 || document.at(arguments.items[0]).kind != Kind::persistent) {
        return malformed("the tensor is not described by storage, offset, shape and strides");
    }
    const Value& id = document.at(document.at(arguments.items[0]).items[0]);
    if (id.kind != Kind::tuple || id.items.size() != 5 || document.at(id.items[0]).text != "storage" ||
        (document.at(id.items[1]).kind != Kind::global && document.at(id.items[1]).kind != Kind::opaque) ||
        document.at(id.items[2]).kind != Kind::text || document.at(id.items[4]).kind != Kind::integer) {
        return malformed("the tensor's storage is not described by type, key, location and size");
    }
    const std::string& type_name = document.at(id.items[1]).text;
    const auto type = storage_type(type_name);
    if (!type) {
        return fail(place(name), fmt::format("unknown storage type \"{}\"", shown(type_name)));
    }
    const std::int64_t elements = document.at(id.items[4]).integer;
    const auto width = static_cast<std::int64_t>(at::elementSize(*type));
    const Value& offset = document.at(arguments.items[1]);
    auto shape = sizes_of(document, document.at(arguments.items[2]));
    auto strides = sizes_of(document, document.at(arguments.items[3]));
    if (elements < 0 || elements > std::numeric_limits<std::int64_t>::max() / width ||
        offset.kind != Kind::integer || offset.integer < 0 || !shape || !strides ||
        shape->size() != strides->size()) {
        return malformed("offset, shape, strides or storage size are not whole numbers >= 0 that match");
    }
    const Layout layout{offset.integer, std::move(*shape), std::move(*strides)};
    if (!fits(layout, elements)) {
        return fail(
            place(name),
            fmt::format("shape [{}] with strides [{}] and offset {} does not fit its storage of {} elements",
                        fmt::join(layout.shape, ", "), fmt::join(layout.strides, ", "), layout.offset,
                        elements),
            kDamagedArchiveHint);
    }
    LACT_TRY(const StoredBytes stored,
             storage(document.at(id.items[2]).text, static_cast<std::uint64_t>(elements * width), name));
    const auto* first = static_cast<const unsigned char*>(stored.storage.data());
    if (*type == at::kBool &&
        std::any_of(first, first + stored.bytes, [](unsigned char value) { return value > 1; })) {
        return malformed("a boolean tensor holds bytes other than 0 and 1");
    }
    return at::empty({0}, at::TensorOptions().dtype(*type))
        .set_(stored.storage, layout.offset, layout.shape, layout.strides);
}

Result<StoredBytes> TorchZip::storage(const std::string& key, std::uint64_t bytes, const std::string& name) {
    if (const auto known = storages_.find(key); known != storages_.end()) {
        if (static_cast<std::uint64_t>(known->second.bytes) != bytes) {
            return fail(place(name),
                        fmt::format("storage {} is declared with {} bytes and, elsewhere, with {}",
                                    shown(key), bytes, known->second.bytes),
                        kDamagedArchiveHint);
        }
        return known->second;
    }
    const std::string record = "data/" + key;
    if (!reader_.hasRecord(record)) {
        return fail(place(name), fmt::format("its storage, record {}, is not in the file", shown(record)),
                    kDamagedArchiveHint);
    }
    if (const std::size_t size = reader_.getRecordSize(record); size != bytes || bytes > budget_) {
        return fail(place(name),
                    fmt::format("its storage should have {} bytes, record {} has {} (of {} left in the file)",
                                bytes, shown(record), size, budget_),
                    kDamagedArchiveHint);
    }
    budget_ -= bytes;
    auto [data, size] = reader_.getRecord(record);
    c10::Storage storage(c10::Storage::use_byte_size_t{}, static_cast<std::int64_t>(size), std::move(data),
                         /*allocator=*/nullptr, /*resizable=*/false);
    return storages_.emplace(key, StoredBytes{std::move(storage), static_cast<std::int64_t>(size)})
        .first->second;
}

}  // namespace

Result<TensorFile> read_torch_zip(const std::filesystem::path& path) {
    LACT_TRY(const OpenFile file, open_for_reading(path));  // No folder or pipe.
    try {
        return TorchZip(path, file.size).read();
    } catch (const c10::Error& error) {
        return fail(path.string(),
                    fmt::format("PyTorch cannot read this file: {}", error.what_without_backtrace()),
                    kDamagedArchiveHint);
    } catch (const std::exception& error) {
        return fail(path.string(), fmt::format("cannot be read: {}", error.what()), kDamagedArchiveHint);
    }
}

// Writing: what torch.save({"model": state_dict}) writes, without Python.
namespace {

/// Writes the opcodes of pickle protocol 2 that a state dict needs.
class PickleWriter {
  public:
    PickleWriter() { out_ = "\x80\x02"; }

    void mark() { out_ += '('; }
    void empty_dict() { out_ += '}'; }
    void empty_tuple() { out_ += ')'; }
    void set_items() { out_ += 'u'; }
    void tuple() { out_ += 't'; }
    void call() { out_ += 'R'; }
    void persistent() { out_ += 'Q'; }
    void no() { out_ += "\x89"; }
    void global(std::string_view module, std::string_view name) {
        out_ += fmt::format("c{}\n{}\n", module, name);
    }

    void text(std::string_view value) {
        out_ += 'X';
        little_endian(value.size(), 4);
        out_ += value;
    }
    void integer(std::int64_t value) {
        out_ += "\x8a\x08";
        little_endian(std::bit_cast<std::uint64_t>(value), 8);
    }
    void integers(at::IntArrayRef values) {
        mark();
        for (const std::int64_t value : values) {
            integer(value);
        }
        tuple();
    }
    void ordered_dict() {
        global("collections", "OrderedDict");
        empty_tuple();
        call();
    }
    /// `_rebuild_tensor_v2` of a contiguous tensor with the record data/<key> as its storage.
    void tensor(const at::Tensor& value, std::string_view key) {
        const std::string_view storage = storage_name(value.scalar_type());
        const auto space = storage.find(' ');
        global("torch._utils", "_rebuild_tensor_v2");
        mark();
        mark();
        text("storage");
        global(storage.substr(0, space), storage.substr(space + 1));
        text(key);
        text("cpu");
        integer(value.numel());
        tuple();
        persistent();
        integer(0);
        integers(value.sizes());
        integers(value.strides());
        no();
        ordered_dict();
        tuple();
        call();
    }
    std::string finish() {
        out_ += '.';
        return std::move(out_);
    }

  private:
    void little_endian(std::uint64_t value, int width) {
        for (int i = 0; i < width; ++i) {
            out_ += static_cast<char>(static_cast<unsigned char>((value >> (8 * i)) & 0xffU));
        }
    }
    std::string out_;
};

using Tensors = std::vector<std::pair<std::string, at::Tensor>>;

std::string pickle_of(const Tensors& tensors, const std::map<std::string, std::string>& metadata) {
    PickleWriter pickle;
    pickle.empty_dict();
    pickle.mark();
    pickle.text("model");
    pickle.ordered_dict();
    pickle.mark();
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        pickle.text(tensors[i].first);
        pickle.tensor(tensors[i].second, std::to_string(i));
    }
    pickle.set_items();
    if (!metadata.empty()) {
        pickle.text("metadata");
        pickle.empty_dict();
        pickle.mark();
        for (const auto& [key, value] : metadata) {
            pickle.text(key);
            pickle.text(value);
        }
        pickle.set_items();
    }
    pickle.set_items();
    return pickle.finish();
}

/// Bytes that PyTorch's writer hands over. Remembers that there was no memory for them instead of throwing:
/// the writer's destructor completes its file, which fails after an exception and would end the program.
class ZipBytes {
  public:
    std::size_t append(const void* data, std::size_t size) noexcept {
        try {
            if (whole_) {
                bytes_.append(static_cast<const char*>(data), size);
            }
        } catch (const std::exception&) {
            whole_ = false;
        }
        return size;
    }
    /// Throws std::bad_alloc where some are missing.
    std::string take() {
        if (!whole_) {
            throw std::bad_alloc();
        }
        return std::move(bytes_);
    }

  private:
    std::string bytes_;
    bool whole_ = true;
};

std::string zip_of(const Tensors& tensors, const std::string& pickle) {
    ZipBytes bytes;
    caffe2::serialize::PyTorchStreamWriter writer(
        [&bytes](const void* data, std::size_t size) { return bytes.append(data, size); });
    constexpr std::string_view order = "little";
    writer.writeRecord("data.pkl", pickle.data(), pickle.size());
    writer.writeRecord("byteorder", order.data(), order.size());
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const at::Tensor& tensor = tensors[i].second;
        writer.writeRecord("data/" + std::to_string(i), tensor.const_data_ptr(), tensor.nbytes());
    }
    writer.writeEndOfFile();
    return bytes.take();
}

}  // namespace

Result<void> write_torch_zip(const std::filesystem::path& path, const TensorFile& file) {
    try {
        Tensors tensors;
        for (const auto& [name, tensor] : file.tensors) {
            if (!tensor.defined() || storage_name(tensor.scalar_type()).empty()) {
                return fail(path.string() + ": " + name,
                            fmt::format("{} cannot be written as a PyTorch file",
                                        tensor.defined() ? at::toString(tensor.scalar_type())
                                                         : "an undefined tensor"));
            }
            tensors.emplace_back(name, tensor.detach().to(at::kCPU).contiguous());
        }
        return write_file_atomically(path, zip_of(tensors, pickle_of(tensors, file.metadata)));
    } catch (const c10::Error& error) {
        return fail(path.string(), fmt::format("cannot be written: {}", error.what_without_backtrace()));
    } catch (const std::bad_alloc&) {
        return fail(path.string(), "cannot be written: there is no memory left for its bytes",
                    "Close other programs.");
    } catch (const std::exception& error) {
        return fail(path.string(), fmt::format("cannot be written: {}", error.what()));
    }
}

}  // namespace lact
