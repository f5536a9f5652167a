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

TEST(ShardIndex, ThatNamesFilesOfOtherFoldersIsRefusedThoughTheyAreSound) {
    const TemporaryFolder folder;
    const TensorFile network = random_weights(small_config());
    const auto weights = folder.path() / "a.safetensors";
    ASSERT_TRUE(write_safetensors(weights, network).has_value());
    ASSERT_TRUE(std::filesystem::create_directory(folder.path() / "below"));
    for (const std::string& name : {std::string("../a.safetensors"), weights.string()}) {
        nlohmann::json map;
        for (const auto& [tensor, values] : network.tensors) {
            map[tensor] = name;
        }
        const auto index =
            folder.file("below/model.safetensors.index.json", nlohmann::json{{"weight_map", map}}.dump());
        const auto checkpoint = load_checkpoint(index);
        ASSERT_FALSE(checkpoint.has_value()) << name;
        EXPECT_NE(checkpoint.error().what.find("is not the name of a file in this folder"), std::string::npos)
            << checkpoint.error().message();
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

/// The tensors as two files of PyTorch, which put "model." before the names. Returns the first.
std::filesystem::path write_two_shards(const TemporaryFolder& folder, const TensorFile& file,
                                       nlohmann::json* map = nullptr) {
    const std::vector<std::string> names{"pytorch_model-00001-of-00002.bin",
                                         "pytorch_model-00002-of-00002.bin"};
    std::vector<TensorFile> parts(2);
    for (const auto& [name, tensor] : file.tensors) {
        const std::size_t part = parts[0].tensors.size() <= parts[1].tensors.size() ? 0 : 1;
        parts[part].tensors[name] = tensor;
        if (map != nullptr) {
            (*map)["model." + name] = names[part];
        }
    }
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_TRUE(write_torch_zip(folder.path() / names[i], parts[i]).has_value());
    }
    return folder.path() / names[0];
}

TEST(FindShards, OfPyTorchAreReadAsWell) {
    const TemporaryFolder folder;
    const TensorFile network = random_weights(small_config());
    const auto checkpoint = load_checkpoint(write_two_shards(folder, network));
    ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().message();
    EXPECT_EQ(checkpoint->format, "pt (2 shards)");
    EXPECT_EQ(checkpoint->file.tensors.size(), network.tensors.size());
}

TEST(FindShards, OfPyTorchHaveTheNamesOfTheirIndex) {
    const TemporaryFolder folder;
    const TensorFile network = random_weights(small_config());
    nlohmann::json map;
    const auto shard = write_two_shards(folder, network, &map);
    const auto index =
        folder.file("pytorch_model.bin.index.json", nlohmann::json{{"weight_map", map}}.dump());
    for (const auto& path : {shard, index}) {
        const auto checkpoint = load_checkpoint(path);
        ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().message();
        EXPECT_EQ(checkpoint->file.tensors.size(), network.tensors.size());
        EXPECT_EQ(checkpoint->file.state_from, "model");
        EXPECT_TRUE(checkpoint->file.left_out.empty());
    }
    map["model.other"] = "pytorch_model-00001-of-00002.bin";
    (void)folder.file("pytorch_model.bin.index.json", nlohmann::json{{"weight_map", map}}.dump());
    const auto checkpoint = load_checkpoint(shard);
    ASSERT_FALSE(checkpoint.has_value());
    EXPECT_NE(checkpoint.error().what.find("model.other"), std::string::npos) << checkpoint.error().what;
}

// The averaged weights lack one tensor: one shard has all of its own, and would give those alone.
TEST(FindShards, TheStateIsSelectedOnceAmongThemAll) {
    const TensorFile network = random_weights(small_config());
    TensorFile file;
    for (const auto& [name, tensor] : network.tensors) {
        file.tensors[name] = tensor;
        file.tensors["ema." + name] = tensor + 1;
    }
    for (const bool complete : {true, false}) {
        if (!complete) {
            file.tensors.erase("ema.input_linear.weight");
        }
        const TemporaryFolder folder;
        const auto checkpoint = load_checkpoint(write_two_shards(folder, file));
        ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().message();
        EXPECT_EQ(checkpoint->file.state_from, complete ? "model.ema" : "model");
        EXPECT_EQ(checkpoint->file.left_out, std::vector<std::string>{complete ? "model" : "model.ema"});
        for (const auto& [name, tensor] : network.tensors) {
            EXPECT_TRUE(at::equal(checkpoint->file.tensors.at(name), complete ? tensor + 1 : tensor)) << name;
        }
    }
}

// As a download of new weights leaves them beside old ones in more files.
TEST(FindShards, AnIndexThatDoesNotNameTheOpenedOneIsNotTaken) {
    const TemporaryFolder folder;
    const TensorFile network = random_weights(small_config());
    std::filesystem::path opened;
    for (const int count : {2, 3}) {
        std::vector<TensorFile> parts(static_cast<std::size_t>(count));
        nlohmann::json map;
        std::size_t next = 0;
        for (const auto& [name, tensor] : network.tensors) {
            parts[next++ % parts.size()].tensors[name] = count == 2 ? tensor : tensor + 1;
        }
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const std::string file_name =
                "model-0000" + std::to_string(i + 1) + "-of-0000" + std::to_string(count) + ".safetensors";
            opened = folder.path() / file_name;
            ASSERT_TRUE(write_safetensors(opened, parts[i]).has_value());
            for (const auto& [name, tensor] : parts[i].tensors) {
                map[name] = file_name;
            }
        }
        if (count == 2) {
            (void)folder.file("model.safetensors.index.json", nlohmann::json{{"weight_map", map}}.dump());
        }
    }
    const auto checkpoint = load_checkpoint(opened);
    ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().message();
    EXPECT_EQ(checkpoint->format, "safetensors (3 shards)");
    EXPECT_TRUE(at::equal(checkpoint->file.tensors.at("input_linear.weight"),
                          network.tensors.at("input_linear.weight") + 1));
    std::filesystem::remove(opened);
    const auto missing = find_shards(folder.path() / "model-00001-of-00003.safetensors");
    ASSERT_FALSE(missing.has_value());
    EXPECT_NE(missing.error().what.find("model-00003-of-00003"), std::string::npos) << missing.error().what;
}

}  // namespace
}  // namespace lact
