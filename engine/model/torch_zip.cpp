// Reads PyTorch zip files: records through the reader of PyTorch, the pickle through pickle.h, which
// executes nothing.

#include "engine/model/torch_zip.h"

#include "engine/core/files.h"
#include "engine/model/pickle.h"
#include "engine/model/state_names.h"
#include "engine/model/zip_directory.h"

#include <algorithm>
#include <array>
#include <exception>
#include <limits>
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

/// How the numbers of a tensor differ from what is stored, by the metadata at the end of the constructor's
/// arguments: "negated", "conjugated", or empty where they do not.
std::string_view lazy_change(const Document& document, const Value& arguments) {
    constexpr std::size_t last = 6;
    if (arguments.items.size() <= last) {
        return {};
    }
    const auto set = [&](std::string_view key) {
        const Value* value = document.find(document.at(arguments.items[last]), key);
        return value != nullptr && value->kind == Kind::boolean && value->integer != 0;
    };
    return set("neg") ? "negated" : set("conj") ? "conjugated" : "";
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
    bool boolean = false;  ///< It was looked through for bytes that a C++ bool does not hold.
};

/// Reads one file.
class TorchZip {
  public:
    TorchZip(const std::filesystem::path& path, std::uint64_t file_bytes, ZipDirectory directory,
             NamesOf names, TensorContent content)
        : where_(path.string()),
          budget_(file_bytes),
          directory_(std::move(directory)),
          names_(names),
          content_(content),
          reader_(path.string()) {}

    Result<TensorFile> read();

  private:
    Result<std::string> text_record(const std::string& name);
    [[nodiscard]] Result<void> check_sum(const std::string& record, std::string_view bytes) const;
    Result<void> collect(const Document& document, const Value& dict, const std::string& prefix,
                         bool prefix_named, int depth);
    Result<void> read_state(const Document& document);
    Result<at::Tensor> tensor(const Document& document, const Value& arguments, const std::string& name);
    Result<StoredBytes*> storage(const std::string& key, std::uint64_t bytes, const std::string& name);
    void collect_metadata(const Document& document, const Value& dict);
    [[nodiscard]] std::string place(const std::string& name) const { return where_ + ": " + shown(name); }

    std::string where_;
    std::uint64_t budget_;  ///< Bytes that may still be read: the records of a file are together no longer
                            ///< than the file.
    std::size_t steps_ = 0;
    ZipDirectory directory_;
    NamesOf names_;
    TensorContent content_;
    caffe2::serialize::PyTorchStreamReader reader_;
    std::unordered_map<std::string, StoredBytes> storages_;
    TensorFile file_;
    /// What collect() found: the arguments of each tensor's constructor, and the tensors with a part of their
    /// name that is neither a string nor a number.
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
    const auto [data, bytes] = reader_.getRecord(name);
    std::string text(static_cast<const char*>(data.get()), bytes);
    LACT_CHECK(check_sum(name, text));
    return text;
}

/// PyTorch's reader compares no checksums. Zero stands for none: torch.save can leave them out.
Result<void> TorchZip::check_sum(const std::string& record, std::string_view bytes) const {
    const ZipRecord* listed = directory_.find(record);
    if (listed == nullptr || (listed->crc != 0 && crc32_of(bytes) != listed->crc)) {
        return fail(where_, fmt::format("record {} is damaged: its checksum does not match", shown(record)),
                    kDamagedArchiveHint);
    }
    return {};
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
    LACT_CHECK(collect(document, root, "", true, 0));
    LACT_CHECK(read_state(document));
    if (file_.tensors.empty()) {
        return fail(where_, "holds no tensors", kSaveHint);
    }
    return std::move(file_);
}

/// Reads the tensors of the network and leaves out what training stores beside it; or all of the file.
Result<void> TorchZip::read_state(const Document& document) {
    TensorShapes shapes;
    for (const auto& [name, arguments] : found_) {
        const bool shaped = arguments->items.size() > 2;
        shapes[name] =
            shaped ? sizes_of(document, document.at(arguments->items[2])).value_or(std::vector<int64_t>())
                   : std::vector<int64_t>();
    }
    StateSelection selection;
    if (names_ == NamesOf::network) {
        selection = select_state(shapes);
    } else {
        for (const auto& [name, shape] : shapes) {
            selection.names.emplace(name, name);
        }
    }
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
                               bool prefix_named, int depth) {
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
        const std::string name = prefix + (key.kind == Kind::text      ? key.text
                                           : key.kind == Kind::integer ? std::to_string(key.integer)
                                                                       : fmt::format("?{}", i / 2));
        const bool named = prefix_named && (key.kind == Kind::text || key.kind == Kind::integer);
        if (arguments == nullptr) {
            LACT_CHECK(collect(document, value, name + ".", named, depth + 1));
            continue;
        }
        if (!named) {
            unnamed_.insert(name);
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
    if (const std::string_view change = lazy_change(document, arguments); !change.empty()) {
        return fail(place(name), fmt::format("is stored {}, which is not read", change),
                    "In Python, save tensor.resolve_neg().resolve_conj().clone() in its place.");
    }
    const auto options = at::TensorOptions().dtype(*type);
    if (content_ == TensorContent::header) {
        return at::empty(layout.shape, options.device(at::kMeta));
    }
    LACT_TRY(StoredBytes* const stored,
             storage(document.at(id.items[2]).text, static_cast<std::uint64_t>(elements * width), name));
    if (*type == at::kBool && !stored->boolean) {
        const auto* first = static_cast<const unsigned char*>(stored->storage.data());
        if (std::any_of(first, first + stored->bytes, [](unsigned char value) { return value > 1; })) {
            return malformed("a boolean tensor holds bytes other than 0 and 1");
        }
        stored->boolean = true;
    }
    return at::empty({0}, options).set_(stored->storage, layout.offset, layout.shape, layout.strides);
}

Result<StoredBytes*> TorchZip::storage(const std::string& key, std::uint64_t bytes, const std::string& name) {
    if (const auto known = storages_.find(key); known != storages_.end()) {
        if (static_cast<std::uint64_t>(known->second.bytes) != bytes) {
            return fail(place(name),
                        fmt::format("storage {} is declared with {} bytes and, elsewhere, with {}",
                                    shown(key), bytes, known->second.bytes),
                        kDamagedArchiveHint);
        }
        return &known->second;
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
    LACT_CHECK(check_sum(record, {static_cast<const char*>(data.get()), size}));
    c10::Storage storage(c10::Storage::use_byte_size_t{}, static_cast<std::int64_t>(size), std::move(data),
                         /*allocator=*/nullptr, /*resizable=*/false);
    StoredBytes stored{std::move(storage), static_cast<std::int64_t>(size)};
    return &storages_.emplace(key, std::move(stored)).first->second;
}

/// PyTorch's reader takes these records whole as soon as it opens a file.
Result<void> check_opened_records(const ZipDirectory& directory, const std::string& where) {
    constexpr std::uint64_t most = 4096;
    for (const char* name : {"version", ".data/version", ".data/serialization_id"}) {
        const ZipRecord* record = directory.find(name);
        if (record != nullptr && record->bytes > most) {
            return fail(where,
                        fmt::format("its record {} has {} bytes, at most {} were expected", name,
                                    record->bytes, most),
                        kDamagedArchiveHint);
        }
    }
    return {};
}

}  // namespace

Result<TensorFile> read_torch_zip(const std::filesystem::path& path, NamesOf names, TensorContent content) {
    LACT_TRY(const OpenFile file, open_for_reading(path));  // No folder or pipe.
    try {
        LACT_TRY(ZipDirectory directory, read_zip_directory(file, path));
        LACT_CHECK(check_opened_records(directory, path.string()));
        return TorchZip(path, file.size, std::move(directory), names, content).read();
    } catch (const c10::Error& error) {
        return fail(path.string(),
                    fmt::format("PyTorch cannot read this file: {}", error.what_without_backtrace()),
                    kDamagedArchiveHint);
    } catch (const std::exception& error) {
        return fail(path.string(), fmt::format("cannot be read: {}", error.what()), kDamagedArchiveHint);
    }
}

}  // namespace lact
