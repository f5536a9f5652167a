// PyTorch zip files, written: what torch.save({"model": state_dict}) writes, without Python.

#include "engine/core/files.h"
#include "engine/model/tensor_map.h"

#include <bit>
#include <cstring>
#include <exception>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <caffe2/serialize/inline_container.h>
#include <fmt/format.h>

namespace lact {
namespace {

/// Writes the few opcodes of pickle protocol 2 that a state dict needs.
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
    /// `_rebuild_tensor_v2` of a contiguous tensor whose storage is the record data/<key>.
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

std::string zip_of(const Tensors& tensors, const std::string& pickle) {
    std::string bytes;
    caffe2::serialize::PyTorchStreamWriter writer([&bytes](const void* data, std::size_t size) {
        bytes.append(static_cast<const char*>(data), size);
        return size;
    });
    constexpr std::string_view order = "little";
    writer.writeRecord("data.pkl", pickle.data(), pickle.size());
    writer.writeRecord("byteorder", order.data(), order.size());
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const at::Tensor& tensor = tensors[i].second;
        writer.writeRecord("data/" + std::to_string(i), tensor.const_data_ptr(), tensor.nbytes());
    }
    writer.writeEndOfFile();
    return bytes;
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
    } catch (const std::exception& error) {
        return fail(path.string(), fmt::format("cannot be written: {}", error.what()));
    }
}

}  // namespace lact
