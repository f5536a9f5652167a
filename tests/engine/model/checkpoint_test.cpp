#include "engine/model/checkpoint.h"

#include "engine/core/files.h"
#include "engine/model/safetensors.h"
#include "engine/model/two_stage.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

using test::random_weights;
using test::small_config;
using test::TemporaryFolder;

/// Writes the file as safetensors and loads it as a checkpoint.
Result<Checkpoint> load(const TensorFile& file) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "weights.safetensors";
    const auto written = write_safetensors(path, file);
    EXPECT_TRUE(written.has_value()) << written.error().message();
    return load_checkpoint(path);
}

void expect_error(const TensorFile& file, std::initializer_list<const char*> parts) {
    const auto checkpoint = load(file);
    ASSERT_FALSE(checkpoint.has_value());
    const std::string message = checkpoint.error().message();
    EXPECT_NE(message.find("weights.safetensors"), std::string::npos) << message;
    for (const char* part : parts) {
        EXPECT_NE(message.find(part), std::string::npos) << part << " in " << message;
    }
}

TEST(Checkpoint, SmallModelLoads) {
    const auto checkpoint = load(random_weights(small_config()));
    ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().message();
    EXPECT_EQ(checkpoint->config, small_config());
    EXPECT_EQ(checkpoint->format, "safetensors");
    EXPECT_EQ(checkpoint->dtype, "fp32");
    EXPECT_EQ(checkpoint->sha256.size(), 64U);
    EXPECT_TRUE(checkpoint->info.rule_assumed);
    long long parameters = 0;
    for (const auto& [name, shape] : expected_shapes(small_config())) {
        long long count = 1;
        for (const auto size : shape) {
            count *= size;
        }
        parameters += count;
    }
    EXPECT_EQ(checkpoint->parameters, parameters);
}

TEST(Checkpoint, QueryIsKeyIsReadFromTheProjection) {
    ModelConfig config = small_config();
    config.query_is_key = true;
    const auto checkpoint = load(random_weights(config));
    ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().message();
    EXPECT_TRUE(checkpoint->config.query_is_key);
}

TEST(Checkpoint, TypesAreToldAndMayBeMixed) {
    TensorFile file = random_weights(small_config());
    for (auto& [name, tensor] : file.tensors) {
        tensor = tensor.to(at::kHalf);
    }
    EXPECT_EQ(load(file).value().dtype, "fp16");
    file.tensors["input_layernorm.weight"] = at::ones({32}, at::kBFloat16);
    EXPECT_EQ(load(file).value().dtype, "mixed");
}

TEST(Checkpoint, UnknownMissingAndMisshapenTensorsMakeOneMessage) {
    TensorFile file = random_weights(small_config());
    file.tensors.erase("input_layernorm.weight");
    file.tensors["extra.weight"] = at::ones({3});
    file.tensors["image_token_decoder.0.weight"] = at::ones({31});
    file.tensors["blocks.1.module_list.0.ln.weight"] = at::ones({32}, at::kInt);
    expect_error(
        file,
        {"4 of its tensors", "input_layernorm.weight is missing, expected [32]",
         "extra.weight [3] is unknown", "image_token_decoder.0.weight has shape [31], expected [32]",
         "blocks.1.module_list.0.ln.weight holds Int", "2 layers, width 32", "38 tensors were expected"});
}

TEST(Checkpoint, OnlyTheFirstTenProblemsAreNamed) {
    TensorFile file = random_weights(small_config());
    for (int i = 10; i < 25; ++i) {
        file.tensors["extra." + std::to_string(i)] = at::ones({1});
    }
    const auto checkpoint = load(file);
    ASSERT_FALSE(checkpoint.has_value());
    const std::string& what = checkpoint.error().what;
    EXPECT_NE(what.find("15 of its tensors"), std::string::npos) << what;
    EXPECT_NE(what.find("extra.19"), std::string::npos) << what;
    EXPECT_EQ(what.find("extra.20"), std::string::npos) << what;
    EXPECT_NE(what.find("and 5 more"), std::string::npos) << what;
}

TEST(Checkpoint, ValuesThatAreNotFiniteAreRefusedByName) {
    for (const double value : {std::nan(""), std::numeric_limits<double>::infinity()}) {
        TensorFile file = random_weights(small_config());
        file.tensors["blocks.1.module_list.1.f.w1"][1][2][3] = value;
        expect_error(file, {"blocks.1.module_list.1.f.w1", "1 of its 768 values is not finite"});
    }
}

TEST(Checkpoint, MetadataMustFitTheTensors) {
    TensorFile file = random_weights(small_config());
    file.metadata["lact"] =
        R"({"name":"small","config":{"layers":2,"d":32,"attention_head":8,"hidden_multiple":1.5}})";
    const auto checkpoint = load(file);
    ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().message();
    EXPECT_EQ(checkpoint->info.name, "small");
    file.metadata["lact"] = R"({"config":{"layers":3,"attention_head":16}})";
    expect_error(file, {"layers is 3 in the metadata and 2", "attention_head is 16 in the metadata and 8"});
    file.metadata["lact"] = R"({"config":{"layers":"two"}})";
    expect_error(file, {"lact.config.layers", "\"two\""});
    file.metadata["lact"] = "no json";
    expect_error(file, {"lact", "not a JSON object"});
}

TEST(Checkpoint, OtherModelsAndMissingFilesAreErrors) {
    TensorFile file;
    file.tensors["conv.weight"] = at::ones({3});
    expect_error(file, {"input_linear.weight", "conv.weight"});
    expect_error({}, {"it holds 0 tensors"});
    const TemporaryFolder folder;
    EXPECT_FALSE(load_checkpoint(folder.path() / "none.pt").has_value());
    EXPECT_FALSE(load_checkpoint(folder.file("x.pt", "text")).has_value());
}

// Its tensor has 64 GB, nearly all of them a hole: to read them first would take all memory.
TEST(Checkpoint, AnotherModelIsRefusedByItsHeaderAlone) {
    const std::string header =
        R"({"lm_head.weight":{"dtype":"F32","shape":[16777216,1024],"data_offsets":[0,68719476736]}})";
    std::string bytes(8, '\0');
    bytes[0] = static_cast<char>(header.size());
    const TemporaryFolder folder;
    const auto path = folder.file("large.safetensors", bytes + header);
    std::filesystem::resize_file(path, (std::uintmax_t{64} << 30U) + bytes.size() + header.size());
    const auto checkpoint = load_checkpoint(path);
    ASSERT_FALSE(checkpoint.has_value());
    const std::string message = checkpoint.error().message();
    EXPECT_NE(message.find("input_linear.weight"), std::string::npos) << message;
    EXPECT_NE(message.find("lm_head.weight"), std::string::npos) << message;
}

// As a training renames its newest weights into the place of the last ones.
TEST(Checkpoint, TensorsAndSumAreOfOneFileWhileOthersTakeItsPlace) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "w.safetensors";
    const std::string tensor = "input_layernorm.weight";
    std::vector<std::string> files;
    std::map<std::string, float> value_of_sum;
    for (const float value : {1.0F, 2.0F}) {
        TensorFile file = random_weights(small_config());
        file.tensors.at(tensor)[0] = value;
        ASSERT_TRUE(write_safetensors(path, file).has_value());
        files.push_back(read_file(path).value());
        value_of_sum[sha256_of(files.back()).value()] = value;
    }
    std::atomic<int> loads = 0;
    std::atomic<bool> done = false;
    std::thread training([&] {
        constexpr std::size_t replacements = 50;
        for (std::size_t i = 0; i < replacements; ++i) {
            EXPECT_TRUE(write_file_atomically(path, files[i % 2]).has_value());
            // The load that runs now may have the file before, the next one begins with this one: every file
            // is loaded, and no load meets more than one replacement, after which it reads again.
            const int enough = loads + 2;
            do {
                // Longer than the steps in which a file system counts the time.
                std::this_thread::sleep_for(std::chrono::milliseconds(12));
            } while (loads < enough);
        }
        done = true;
    });
    std::map<float, int> seen;
    while (!done) {
        const auto checkpoint = load_checkpoint(path);
        EXPECT_TRUE(checkpoint.has_value()) << checkpoint.error().message();
        if (checkpoint) {
            const float value = checkpoint->file.tensors.at(tensor)[0].item<float>();
            EXPECT_EQ(value, value_of_sum[checkpoint->sha256]);
            ++seen[value];
        }
        ++loads;
    }
    training.join();
    EXPECT_GT(seen[1.0F], 0);
    EXPECT_GT(seen[2.0F], 0);
}

TEST(Checkpoint, WritesBothFormsAndReadsThemBack) {
    TensorFile file = random_weights(small_config());
    file.metadata["lact"] = R"({"name":"small","rule":"mse"})";
    const auto original = load(file);
    ASSERT_TRUE(original.has_value()) << original.error().message();
    const TemporaryFolder folder;
    struct Case {
        StoredType type;
        at::ScalarType scalar;
        const char* dtype;
    };
    for (const char* name : {"a.safetensors", "a.pt", "a.pth"}) {
        for (const auto& [type, scalar, dtype] : {Case{StoredType::keep, at::kFloat, "fp32"},
                                                  {StoredType::fp32, at::kFloat, "fp32"},
                                                  {StoredType::fp16, at::kHalf, "fp16"},
                                                  {StoredType::bf16, at::kBFloat16, "bf16"}}) {
            const auto path = folder.path() / name;
            const auto written = write_checkpoint(*original, path, type);
            ASSERT_TRUE(written.has_value()) << written.error().message();
            const auto read = load_checkpoint(path);
            ASSERT_TRUE(read.has_value()) << read.error().message();
            EXPECT_EQ(read->format, path.extension() == ".safetensors" ? "safetensors" : "pt");
            EXPECT_EQ(read->dtype, dtype);
            EXPECT_EQ(read->config, original->config);
            EXPECT_EQ(read->info.metadata_json, original->info.metadata_json);
            EXPECT_EQ(read->info.rule, "mse");
            ASSERT_EQ(read->file.tensors.size(), original->file.tensors.size());
            for (const auto& [tensor_name, tensor] : original->file.tensors) {
                EXPECT_TRUE(at::equal(read->file.tensors.at(tensor_name), tensor.to(scalar))) << tensor_name;
            }
        }
    }
}

TEST(Checkpoint, AFileMayBeConvertedOntoItself) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "x.safetensors";
    ASSERT_TRUE(write_safetensors(path, random_weights(small_config())).has_value());
    const auto original = load_checkpoint(path);
    ASSERT_TRUE(original.has_value()) << original.error().message();
    const at::Tensor before = original->file.tensors.at("input_linear.weight").clone();
    ASSERT_TRUE(write_checkpoint(*original, path, StoredType::bf16).has_value());
    EXPECT_EQ(load_checkpoint(path).value().dtype, "bf16");
    EXPECT_TRUE(at::equal(original->file.tensors.at("input_linear.weight"), before));
}

TEST(Checkpoint, ValuesTooLargeForFp16AreNotWritten) {
    TensorFile file = random_weights(small_config());
    file.tensors["input_layernorm.weight"][3] = 1e6;
    const auto checkpoint = load(file);
    ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().message();
    const TemporaryFolder folder;
    const auto written = write_checkpoint(*checkpoint, folder.path() / "x.pt", StoredType::fp16);
    ASSERT_FALSE(written.has_value());
    EXPECT_NE(written.error().message().find("input_layernorm.weight"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "x.pt"));
    EXPECT_TRUE(write_checkpoint(*checkpoint, folder.path() / "x.pt", StoredType::bf16).has_value());
    EXPECT_FALSE(write_checkpoint(*checkpoint, folder.path() / "no" / "x.pt", StoredType::keep).has_value());
}

Checkpoint small_checkpoint() {
    Checkpoint checkpoint;
    checkpoint.config = test::small_config();
    checkpoint.file = test::random_weights(checkpoint.config);
    checkpoint.sha256 = "0123";
    checkpoint.info.metadata_json = R"({"name": "small", "trained_sizes": [[64, 48]]})";
    checkpoint.info.trained_sizes = {{64, 48}};
    return checkpoint;
}

at::Tensor twice(const at::Tensor& views) {
    return views.repeat_interleave(2, 3).repeat_interleave(2, 4);
}

TEST(EnlargePatch, IsTheSameNetworkOnRepeatedPixels) {
    const Checkpoint checkpoint = small_checkpoint();
    const auto larger = enlarge_patch(checkpoint, 2);
    ASSERT_TRUE(larger.has_value()) << larger.error().message();
    EXPECT_EQ(larger->config.patch, 2 * checkpoint.config.patch);
    const Network before(checkpoint, at::kCPU, at::kDouble);
    const Network after(*larger, at::kCPU, at::kDouble);
    at::manual_seed(2);
    const auto posed = at::rand({1, 2, 12, 12, 8}, at::kDouble);
    const auto pose = at::rand({1, 1, 9, 12, 8}, at::kDouble);
    UpdateRule rule;
    rule.ns_precision = NsPrecision::fp32;
    const auto small = joint_pass(before, rule, posed, pose);
    const auto large = joint_pass(after, rule, twice(posed), twice(pose));
    EXPECT_LT((large - twice(small)).abs().max().item<double>(), 1e-6);  // weights are fp32
    EXPECT_GT(small.std().item<double>(), 1e-3);
}

TEST(EnlargePatch, SaysWhatItIs) {
    const auto larger = enlarge_patch(small_checkpoint(), 2);
    ASSERT_TRUE(larger.has_value());
    EXPECT_EQ(larger->info.trained_sizes, (std::vector<std::array<int, 2>>{{128, 96}}));
    EXPECT_NE(larger->info.metadata_json.find("\"parent\":\"0123\""), std::string::npos);
    EXPECT_FALSE(enlarge_patch(small_checkpoint(), 1).has_value());
}

}  // namespace
}  // namespace lact
