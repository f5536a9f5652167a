#include "engine/model/shards.h"

#include "engine/core/files.h"
#include "engine/model/checkpoint.h"
#include "engine/model/safetensors.h"
#include "engine/model/torch_zip.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

using test::random_weights;
using test::small_config;
using test::TemporaryFolder;

/// A small network in three shards, with or without an index.
class Shards : public testing::TestWithParam<bool> {
  protected:
    Shards() {
        std::size_t next = 0;
        for (const auto& [name, tensor] : network_.tensors) {
            parts_[next++ % 3].tensors["module." + name] = tensor;
        }
        for (std::size_t i = 0; i < 3; ++i) {
            EXPECT_TRUE(write_safetensors(shard(i), parts_[i]).has_value());
        }
        write_index();
    }
    [[nodiscard]] std::filesystem::path shard(std::size_t number) const {
        return folder_.path() / ("model-0000" + std::to_string(number + 1) + "-of-00003.safetensors");
    }
    [[nodiscard]] std::filesystem::path index() const {
        return folder_.path() / "model.safetensors.index.json";
    }
    void write_index() const {
        if (!GetParam()) {
            return;
        }
        nlohmann::json map;
        for (std::size_t i = 0; i < 3; ++i) {
            for (const auto& [name, tensor] : parts_[i].tensors) {
                map[name] = shard(i).filename().string();
            }
        }
        ASSERT_TRUE(write_file_atomically(index(), nlohmann::json{{"weight_map", map}}.dump()).has_value());
    }
    /// The files from which the model may be opened.
    [[nodiscard]] std::vector<std::filesystem::path> entrances() const {
        std::vector<std::filesystem::path> files{shard(0), shard(1), shard(2)};
        if (GetParam()) {
            files.push_back(index());
        }
        return files;
    }

    TensorFile network_ = random_weights(small_config());
    std::vector<TensorFile> parts_{3};
    TemporaryFolder folder_;
};

TEST_P(Shards, AreReadTogetherFromAnyOfTheirFiles) {
    std::string sum;
    for (const auto& path : entrances()) {
        const auto checkpoint = load_checkpoint(path);
        ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().message();
        EXPECT_EQ(checkpoint->format, "safetensors (3 shards)");
        ASSERT_EQ(checkpoint->file.tensors.size(), network_.tensors.size());
        for (const auto& [name, tensor] : network_.tensors) {
            EXPECT_TRUE(at::equal(checkpoint->file.tensors.at(name), tensor)) << name;
        }
        EXPECT_EQ(checkpoint->sha256.size(), 64U);
        EXPECT_TRUE(sum.empty() || sum == checkpoint->sha256) << "one model has one sum";
        sum = checkpoint->sha256;
        EXPECT_EQ(read_tensor_file(path).value().tensors.size(), network_.tensors.size());
    }
}

TEST_P(Shards, ThatAreMissingAreNamed) {
    std::filesystem::remove(shard(1));
    for (const auto& path : {shard(0), shard(2)}) {
        const auto checkpoint = load_checkpoint(path);
        ASSERT_FALSE(checkpoint.has_value());
        EXPECT_NE(checkpoint.error().what.find("model-00002-of-00003.safetensors"), std::string::npos)
            << checkpoint.error().what;
        EXPECT_EQ(checkpoint.error().what.find("model-00001"), std::string::npos) << checkpoint.error().what;
    }
}

TEST_P(Shards, ThatAreCutOrPointersAreNamed) {
    const std::string bytes = read_file(shard(1)).value();
    ASSERT_TRUE(write_file_atomically(shard(1), bytes.substr(0, bytes.size() - 100)).has_value());
    auto checkpoint = load_checkpoint(shard(0));
    ASSERT_FALSE(checkpoint.has_value());
    EXPECT_EQ(checkpoint.error().where, shard(1).string());
    EXPECT_NE(checkpoint.error().what.find(std::to_string(bytes.size())), std::string::npos)
        << checkpoint.error().what;
    EXPECT_NE(checkpoint.error().what.find(std::to_string(bytes.size() - 100)), std::string::npos);
    ASSERT_TRUE(
        write_file_atomically(shard(1), "version https://git-lfs.github.com/spec/v1\nsize 5\n").has_value());
    checkpoint = load_checkpoint(shard(0));
    ASSERT_FALSE(checkpoint.has_value());
    EXPECT_NE(checkpoint.error().hint.find("lfs pull"), std::string::npos) << checkpoint.error().message();
}

TEST_P(Shards, WithOneTensorTwiceAreRefused) {
    parts_[2].tensors.insert(*parts_[0].tensors.begin());
    ASSERT_TRUE(write_safetensors(shard(2), parts_[2]).has_value());
    const auto checkpoint = load_checkpoint(shard(0));
    ASSERT_FALSE(checkpoint.has_value());
    EXPECT_NE(checkpoint.error().message().find("too"), std::string::npos) << checkpoint.error().message();
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutIndex, Shards, testing::Bool(),
                         [](const auto& test) { return test.param ? "Index" : "Names"; });

TEST(ShardIndex, ThatIsHostileOrDamagedIsRefused) {
    const TemporaryFolder folder;
    ASSERT_TRUE(
        write_safetensors(folder.path() / "a.safetensors", random_weights(small_config())).has_value());
    for (const char* text :
         {"", "[]", "{}", R"({"weight_map": []})", R"({"weight_map": {}})", R"({"weight_map": {"w": 1}})",
          R"({"weight_map": {"w": ""}})", R"({"weight_map": {"w": ".."}})",
          R"({"weight_map": {"w": "/etc/passwd"}})", R"({"weight_map": {"w": "../a.safetensors"}})",
          R"({"weight_map": {"w": "b.safetensors"}})", R"({"weight_map": {"w": "a.safetensors"}})"}) {
        const auto path = folder.file("model.safetensors.index.json", text);
        EXPECT_FALSE(load_checkpoint(path).has_value()) << text;
    }
}

TEST(FindShards, OnlyNamesOfSeveralShardsAreShards) {
    const TemporaryFolder folder;
    for (const char* name :
         {"model.safetensors", "model-00001-of-00001.safetensors", "model-1-of-2.safetensors",
          "model-00003-of-00002.safetensors", "model-00000-of-00002.safetensors",
          "model-0000a-of-00002.safetensors", "-of-.pt", "00001-of-00002"}) {
        const auto shards = find_shards(folder.path() / name);
        ASSERT_TRUE(shards.has_value()) << name;
        EXPECT_FALSE(shards->has_value()) << name;
    }
    EXPECT_FALSE(find_shards(folder.path() / "model-00001-of-00002.safetensors").has_value());
}

TEST(FindShards, OfPyTorchAreReadAsWell) {
    const TemporaryFolder folder;
    const TensorFile network = random_weights(small_config());
    TensorFile first;
    TensorFile second;
    for (const auto& [name, tensor] : network.tensors) {
        (first.tensors.size() <= second.tensors.size() ? first : second).tensors[name] = tensor;
    }
    const auto path = folder.path() / "pytorch_model-00001-of-00002.bin";
    ASSERT_TRUE(write_torch_zip(path, first).has_value());
    ASSERT_TRUE(write_torch_zip(folder.path() / "pytorch_model-00002-of-00002.bin", second).has_value());
    const auto checkpoint = load_checkpoint(path);
    ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().message();
    EXPECT_EQ(checkpoint->format, "pt (2 shards)");
    EXPECT_EQ(checkpoint->file.tensors.size(), network.tensors.size());
}

}  // namespace
}  // namespace lact
