// Thousands of damaged files, the same ones in every run: each must be read or refused, never crash.

#include "engine/core/files.h"
#include "engine/model/pickle.h"
#include "engine/model/safetensors.h"
#include "engine/model/torch_zip.h"
#include "tests/support/pickle_text.h"
#include "tests/support/temporary_folder.h"

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

using test::TemporaryFolder;

class Mutations {
  public:
    explicit Mutations(std::uint32_t seed) : random_(seed) {}

    /// A copy with one to four bytes changed, or cut short, or with a piece doubled.
    std::string of(std::string bytes) {
        if (below(10) == 0) {
            bytes.resize(below(bytes.size()));
            return bytes;
        }
        if (below(10) == 0) {
            const std::string piece = bytes.substr(below(bytes.size()), 1 + below(16));
            return bytes.insert(below(bytes.size()), piece);
        }
        for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
            bytes[below(bytes.size())] = static_cast<char>(static_cast<unsigned char>(below(256)));
        }
        return bytes;
    }

  private:
    // Not a standard distribution: those differ between libraries.
    std::size_t below(std::size_t limit) { return random_() % limit; }
    std::mt19937 random_;
};

TensorFile small_file() {
    TensorFile file;
    file.tensors["a.weight"] = at::arange(6, at::kFloat).reshape({2, 3});
    file.tensors["b"] = at::ones({3}, at::kBFloat16);
    file.tensors["c"] = at::ones({2}, at::kBool);
    file.metadata["lact"] = "{}";
    return file;
}

/// Reads every value of every tensor, so that a view outside of its memory shows.
void touch(const TensorFile& file) {
    for (const auto& [name, tensor] : file.tensors) {
        EXPECT_LE(tensor.numel(), 1'000'000) << name;
        EXPECT_EQ(tensor.to(at::kDouble).sum().numel(), 1) << name;
    }
}

/// Reads `count` damaged copies of the file with `read`. Counts both outcomes, so that the test itself is
/// known to reach both.
template <class Read>
void damage(const std::string& whole, int count, std::uint32_t seed, Read read) {
    const TemporaryFolder folder;
    Mutations mutations(seed);
    int refused = 0;
    for (int i = 0; i < count; ++i) {
        // A new name each time: writing over a file makes some file systems wait for the disk.
        const auto path = folder.file(std::to_string(i), mutations.of(whole));
        const auto file = read(path);
        std::filesystem::remove(path);
        if (file.has_value()) {
            touch(*file);
        } else {
            ++refused;
            EXPECT_FALSE(file.error().what.empty());
        }
    }
    EXPECT_GT(refused, count / 20);
    EXPECT_LT(refused, count);
}

TEST(DamagedFiles, Safetensors) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "x.safetensors";
    ASSERT_TRUE(write_safetensors(path, small_file()).has_value());
    damage(read_file(path).value(), 4000, 1, [](const auto& file) { return read_safetensors(file); });
}

TEST(DamagedFiles, TorchZip) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "x.pt";
    ASSERT_TRUE(write_torch_zip(path, small_file()).has_value());
    damage(read_file(path).value(), 4000, 2, [](const auto& file) { return read_torch_zip(file); });
}

TEST(DamagedFiles, AFlippedByteInARecordOfATorchZipIsNoticed) {
    const TemporaryFolder folder;
    ASSERT_TRUE(write_torch_zip(folder.path() / "x.pt", small_file()).has_value());
    const std::string whole = read_file(folder.path() / "x.pt").value();
    const at::Tensor weight = small_file().tensors.at("a.weight");
    const std::string numbers(static_cast<const char*>(weight.const_data_ptr()), weight.nbytes());
    for (const std::string& stored : {numbers, std::string("a.weight")}) {
        const std::size_t begin = whole.find(stored);
        ASSERT_NE(begin, std::string::npos);
        for (std::size_t i = 0; i < stored.size(); ++i) {
            std::string bytes = whole;
            bytes[begin + i] = static_cast<char>(bytes[begin + i] ^ 1);
            const auto file = read_torch_zip(folder.file("flipped.pt", bytes));
            ASSERT_FALSE(file.has_value()) << i;
            EXPECT_NE(file.error().what.find("checksum does not match"), std::string::npos)
                << file.error().what;
        }
    }
}

/// The pickle damaged before it was stored: the checksum of its record would else refuse it first.
TEST(DamagedFiles, PickleInsideAWholeTorchZip) {
    using namespace test::pickled;
    const std::string pickle = whole(dict(
        {{"model", dict({{"a", tensor({})}, {"b", tensor({.offset = 1, .shape = {3}, .strides = {1}})}})}}));
    const TemporaryFolder folder;
    Mutations mutations(3);
    int refused = 0;
    constexpr int count = 3000;
    for (int i = 0; i < count; ++i) {
        const auto path = folder.file(
            "x", test::torch_zip({{"data.pkl", mutations.of(pickle)}, {"data/0", std::string(16, '\0')}}));
        const auto file = read_torch_zip(path);
        std::filesystem::remove(path);
        if (file.has_value()) {
            touch(*file);
        } else {
            ++refused;
        }
    }
    EXPECT_GT(refused, count / 20);
    EXPECT_LT(refused, count);
}

TEST(DamagedFiles, Pickle) {
    using namespace test::pickled;
    const std::string pickle =
        joined({"\x80\x04", "](K\x01q\x05\x8c\x02hih\x05G", std::string(8, '\1'), "\x8f(NN\x90",
                dict({{"a", tensor({})}}), global("collections", "OrderedDict"), ")R}b", "e."});
    ASSERT_TRUE(pickle::decode(pickle, "x").has_value()) << pickle::decode(pickle, "x").error().message();
    Mutations mutations(4);
    int refused = 0;
    constexpr int count = 20'000;
    for (int i = 0; i < count; ++i) {
        const auto document = pickle::decode(mutations.of(pickle), "x");
        refused += document.has_value() ? 0 : 1;
        if (document.has_value()) {
            for (const auto& value : document->values) {
                for (const auto item : value.items) {
                    ASSERT_LT(item, document->values.size());
                }
            }
        }
    }
    EXPECT_GT(refused, count / 20);
    EXPECT_LT(refused, count);
}

}  // namespace
}  // namespace lact
