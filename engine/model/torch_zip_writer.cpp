// Writes PyTorch zip files: what torch.save({"model": state_dict}) writes, without Python.
#include "engine/core/files.h"
#include "engine/model/torch_zip.h"

#include <bit>
#include <exception>
#include <map>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <caffe2/serialize/inline_container.h>
#include <fmt/format.h>

namespace lact {
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
