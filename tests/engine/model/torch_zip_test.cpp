#include "engine/model/torch_zip.h"

#include "engine/core/files.h"
#include "tests/support/pickle_text.h"
#include "tests/support/temporary_folder.h"

#include <array>
#include <cstring>
#include <ostream>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

using namespace test::pickled;
using test::TemporaryFolder;
using test::torch_zip;

/// 1, 2, …, count as fp32 bytes.
std::string floats(int count) {
    std::string bytes;
    for (int i = 1; i <= count; ++i) {
        const auto value = static_cast<float>(i);
        std::array<char, sizeof value> part{};
        std::memcpy(part.data(), &value, sizeof value);
        bytes.append(part.data(), part.size());
    }
    return bytes;
}

/// A file with this pickle and one storage "0" of four numbers.
std::string file_of(const std::string& body, const std::string& storage = floats(4)) {
    return torch_zip({{"data.pkl", whole(body)}, {"byteorder", "little"}, {"data/0", storage}});
}

Result<TensorFile> read(const std::string& bytes) {
    const TemporaryFolder folder;
    return read_torch_zip(folder.file("x.pt", bytes));
}

TEST(TorchZip, RoundTripKeepsEveryTypeShapeValueAndTheMetadata) {
    at::manual_seed(1);
    TensorFile written;
    const at::Tensor values = at::randn({3, 5}) * 50;
    for (const auto type : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt,
                            at::kShort, at::kChar, at::kByte}) {
        written.tensors[at::toString(type)] = values.abs().to(type);
    }
    written.tensors["bool"] = values > 0;
    written.tensors["empty"] = at::empty({0, 7});
    written.tensors["number"] = at::tensor(3.25);
    written.tensors["transposed"] = values.t();
    written.metadata = {{"lact", R"({"name": "ü"})"}};
    const TemporaryFolder folder;
    const auto path = folder.path() / "x.pt";
    const auto done = write_torch_zip(path, written);
    ASSERT_TRUE(done.has_value()) << done.error().message();
    const auto file = read_tensor_file(path);
    ASSERT_TRUE(file.has_value()) << file.error().message();
    EXPECT_EQ(file->metadata, written.metadata);
    ASSERT_EQ(file->tensors.size(), written.tensors.size());
    for (const auto& [name, tensor] : written.tensors) {
        const at::Tensor& other = file->tensors.at(name);
        EXPECT_EQ(other.scalar_type(), tensor.scalar_type()) << name;
        EXPECT_TRUE(at::equal(other, tensor)) << name;
    }
}

TEST(TorchZip, ViewsOfOneStorageWithOffsetsAndStrides) {
    const auto file = read(file_of(dict({{"whole", tensor({})},
                                         {"transposed", tensor({.strides = {1, 2}})},
                                         {"last", tensor({.offset = 3, .shape = {}, .strides = {}})},
                                         {"odd", tensor({.offset = 1, .shape = {2}, .strides = {2}})}})));
    ASSERT_TRUE(file.has_value()) << file.error().message();
    EXPECT_TRUE(at::equal(file->tensors.at("whole"), at::tensor({1., 2., 3., 4.}, at::kFloat).view({2, 2})));
    EXPECT_TRUE(
        at::equal(file->tensors.at("transposed"), at::tensor({1., 3., 2., 4.}, at::kFloat).view({2, 2})));
    EXPECT_TRUE(at::equal(file->tensors.at("odd"), at::tensor({2., 4.}, at::kFloat)));
    EXPECT_EQ(file->tensors.at("last").item<float>(), 4.0F);
    EXPECT_EQ(file->tensors.at("last").storage().data(), file->tensors.at("whole").storage().data());
}

TEST(TorchZip, StoragesOfAnyDeviceAreReadToTheCpu) {
    const auto file = read(file_of(dict({{"w", tensor({.location = "cuda:0"})}})));
    ASSERT_TRUE(file.has_value()) << file.error().message();
    EXPECT_TRUE(file->tensors.at("w").device().is_cpu());
}

TEST(TorchZip, ParametersAndNestedNames) {
    const std::string parameter = global("torch._utils", "_rebuild_parameter") + "(" + tensor({}) + "\x88" +
                                  global("collections", "OrderedDict") + ")RtR";
    const auto file = read(file_of(dict({{"a", dict({{"b", parameter}, {"note", text("x")}})},
                                         {"c", joined({"}", integer(7), tensor({}), "s"})},
                                         {"n", "N"}})));
    ASSERT_TRUE(file.has_value()) << file.error().message();
    ASSERT_EQ(file->tensors.size(), 2U);
    EXPECT_TRUE(file->tensors.contains("a.b"));
    EXPECT_TRUE(file->tensors.contains("c.7"));
}

TEST(TorchZip, TheModelIsTakenAlone) {
    for (const char* key : {"model", "state_dict", "module"}) {
        const auto file =
            read(file_of(dict({{"optimizer", dict({{"m", tensor({})}})}, {key, dict({{"w", tensor({})}})}})));
        ASSERT_TRUE(file.has_value()) << file.error().message();
        EXPECT_EQ(file->tensors.size(), 1U);
        EXPECT_TRUE(file->tensors.contains("w"));
    }
    // A tensor of that name is no dictionary of tensors.
    const auto file = read(file_of(dict({{"model", tensor({})}, {"other", tensor({})}})));
    ASSERT_TRUE(file.has_value()) << file.error().message();
    EXPECT_EQ(file->tensors.size(), 2U);
}

TEST(TorchZip, WhatTrainingStoresBesideTheModelIsIgnored) {
    const std::string arguments = global("argparse", "Namespace") + ")\x81}" + text("lr") + "K\x01sb";
    const std::string broken_tensor = global("torch._utils", "_rebuild_tensor_v2") + ")R";
    const std::string tuple_key = joined({"}", "K\x01K\x02\x86", tensor({}), "s"});
    const auto file =
        read(file_of(dict({{"args", arguments},
                           {"optimizer", dict({{"state", broken_tensor}, {"groups", tuple_key}})},
                           {"time", global("datetime", "datetime")},
                           {"model", dict({{"module.w", tensor({})}, {"config", arguments}})}})));
    ASSERT_TRUE(file.has_value()) << file.error().message();
    ASSERT_EQ(file->tensors.size(), 1U);
    EXPECT_TRUE(file->tensors.contains("w"));
    EXPECT_EQ(file->state_from, "model.module");
    EXPECT_EQ(file->left_out, std::vector<std::string>{"optimizer"});
}

TEST(TorchZip, TensorsWithAttributesAreTensors) {
    const std::string plain = tensor({});
    const std::string arguments =
        plain.substr(global("torch._utils", "_rebuild_tensor_v2").size(),
                     plain.size() - global("torch._utils", "_rebuild_tensor_v2").size() - 1);
    const std::string typed =
        joined({global("torch._tensor", "_rebuild_from_type_v2"), "(",
                global("torch._utils", "_rebuild_tensor_v2"), global("torch", "Tensor"), arguments, "}tR"});
    const std::string with_state = joined({global("torch._utils", "_rebuild_parameter_with_state"), "(",
                                           plain, "\x88", global("collections", "OrderedDict"), ")R}tR"});
    const auto file = read(file_of(dict({{"a", typed}, {"b", with_state}})));
    ASSERT_TRUE(file.has_value()) << file.error().message();
    const auto expected = at::tensor({1., 2., 3., 4.}, at::kFloat).view({2, 2});
    EXPECT_TRUE(at::equal(file->tensors.at("a"), expected));
    EXPECT_TRUE(at::equal(file->tensors.at("b"), expected));
}

TEST(TorchZip, AnObjectInPlaceOfADictionaryIsNamed) {
    const auto file = read(file_of(global("my.models", "Net") + ")\x81}b"));
    ASSERT_FALSE(file.has_value());
    EXPECT_NE(file.error().what.find("my.models.Net"), std::string::npos) << file.error().what;
    EXPECT_NE(file.error().hint.find("state_dict()"), std::string::npos) << file.error().hint;
}

struct ZipCase {
    const char* what;
    std::string bytes;
    const char* message;
    friend void PrintTo(const ZipCase& bad, std::ostream* out) { *out << bad.what; }
};
class BadTorchZip : public testing::TestWithParam<ZipCase> {};

TEST_P(BadTorchZip, IsRefusedWithItsReason) {
    const auto file = read(GetParam().bytes);
    ASSERT_FALSE(file.has_value());
    EXPECT_NE(file.error().message().find(GetParam().message), std::string::npos) << file.error().message();
    EXPECT_NE(file.error().where.find("x.pt"), std::string::npos) << file.error().where;
}

std::string one_tensor(const TensorText& parts) {
    return file_of(dict({{"w", tensor(parts)}}));
}

/// A tensor with the metadata that PyTorch stores as the last argument of its constructor.
std::string tensor_with_metadata(const char* key, bool value) {
    const std::string plain = tensor({});
    return joined({plain.substr(0, plain.size() - 2), "}", text(key), value ? "\x88" : "\x89", "stR"});
}

/// A dictionary that holds itself.
const char* const kCycle = "}q\x01(X\x01\0\0\0ah\x01u";

INSTANTIATE_TEST_SUITE_P(
    All, BadTorchZip,
    testing::Values(
        ZipCase{"NotAZip", "PK\x03\x04 nonsense", "x.pt"}, ZipCase{"Empty", "", "x.pt"},
        ZipCase{"OtherZip", torch_zip({{"a.txt", "hello"}}), "data.pkl"},
        ZipCase{"BigEndian", torch_zip({{"data.pkl", whole("}")}, {"byteorder", "big"}}),
                "byte order \"big\""},
        ZipCase{"HostilePickle", file_of(global("os", "system") + text("true") + "\x85R"), "os.system"},
        ZipCase{"HostileBesideTheModel",
                file_of(dict({{"model", dict({{"w", tensor({})}})}, {"x", global("os", "system")}})),
                "os.system"},
        ZipCase{"NotADictionary", file_of(tensor({})), "dictionary of tensors"},
        ZipCase{"NoTensors", file_of("}"), "no tensors"},
        ZipCase{"Cycle", file_of(std::string(kCycle, 13)), "nested more than"},
        ZipCase{"StorageMissing", one_tensor({.key = "7"}), "record data/7"},
        ZipCase{"StorageTooShort", one_tensor({.elements = 5}), "should have 20 bytes"},
        ZipCase{"StorageOfOtherType", one_tensor({.type = "DoubleStorage"}), "should have 32 bytes"},
        ZipCase{"StorageSizesDiffer",
                file_of(dict({{"a", tensor({})}, {"b", tensor({.type = "HalfStorage"})}})), "elsewhere"},
        ZipCase{"NegativeStorage", one_tensor({.elements = -1}), ">= 0"},
        ZipCase{"OverflowingStorage", one_tensor({.elements = INT64_MAX}), ">= 0"},
        ZipCase{"OffsetOutside", one_tensor({.offset = 1}), "does not fit"},
        ZipCase{"OffsetFarOutside", one_tensor({.offset = INT64_MAX}), "does not fit"},
        ZipCase{"NegativeOffset", one_tensor({.offset = -1}), ">= 0"},
        ZipCase{"ShapeTooLarge", one_tensor({.shape = {3, 2}}), "does not fit"},
        ZipCase{"NegativeShape", one_tensor({.shape = {-1, 2}}), ">= 0"},
        ZipCase{"NegativeStride", one_tensor({.strides = {-1, 1}}), ">= 0"},
        ZipCase{"StrideOutside", one_tensor({.strides = {3, 1}}), "does not fit"},
        ZipCase{"OverflowingStride", one_tensor({.strides = {INT64_MAX, 1}}), "does not fit"},
        ZipCase{"OverflowingShape", one_tensor({.shape = {INT64_MAX, INT64_MAX}}), "does not fit"},
        ZipCase{"Expanded", one_tensor({.shape = {1000000, 1}, .strides = {0, 0}}), "does not fit"},
        ZipCase{"RanksDiffer", one_tensor({.shape = {4}}), "match"},
        ZipCase{"UnknownStorageType", one_tensor({.type = "Size"}), "torch Size"},
        ZipCase{"BoolOfTwo",
                file_of(dict({{"w", tensor({.type = "BoolStorage"})}}), std::string("\0\1\2\0", 4)),
                "other than 0 and 1"},
        ZipCase{"NoArguments", file_of(dict({{"w", global("torch._utils", "_rebuild_tensor_v2") + ")R"}})),
                "not described"},
        ZipCase{"StorageIsANumber",
                file_of(dict({{"w", global("torch._utils", "_rebuild_tensor_v2") + "(K\x01K\x01))tR"}})),
                "not described"},
        ZipCase{"StorageIdIsANumber",
                file_of(dict({{"w", global("torch._utils", "_rebuild_tensor_v2") + "(K\x01QK\x01))tR"}})),
                "not described"},
        ZipCase{"NameIsATuple", file_of(joined({"})", tensor({}), "s"})), "neither a string nor"},
        ZipCase{"NameOfADictionaryIsATuple", file_of(joined({"})", dict({{"w", tensor({})}}), "s"})),
                "neither a string nor"},
        ZipCase{"Negated", file_of(dict({{"w", tensor_with_metadata("neg", true)}})),
                "stored negated, which is not read"},
        ZipCase{"Conjugated", file_of(dict({{"w", tensor_with_metadata("conj", true)}})),
                "stored conjugated, which is not read"},
        ZipCase{"SameNameTwice", file_of(dict({{"a.b", tensor({})}, {"a", dict({{"b", tensor({})}})}})),
                "two tensors"}),
    [](const auto& test) { return test.param.what; });

TEST(TorchZip, MetadataOfATensorThatChangesNothingIsIgnored) {
    const auto file = read(file_of(
        dict({{"a", tensor_with_metadata("neg", false)}, {"b", tensor_with_metadata("other", true)}})));
    ASSERT_TRUE(file.has_value()) << file.error().message();
    EXPECT_EQ(file->tensors.size(), 2U);
}

/// The file with another checksum of the record in the zip's directory.
std::string with_checksum(std::string bytes, const std::string& record, std::uint32_t crc) {
    const std::size_t name = bytes.rfind(record);
    const std::size_t entry = bytes.rfind("PK\x01\x02", name);
    EXPECT_NE(entry, std::string::npos);
    return bytes.replace(entry + 16, 4, little_endian(crc, 4));
}

TEST(TorchZip, AChecksumIsComparedUnlessTheFileHoldsNone) {
    const std::string whole = file_of(dict({{"w", tensor({})}}));
    for (const char* record : {"archive/data.pkl", "archive/byteorder", "archive/data/0"}) {
        const auto other = read(with_checksum(whole, record, 12345));
        ASSERT_FALSE(other.has_value()) << record;
        EXPECT_NE(other.error().what.find("is damaged: its checksum does not match"), std::string::npos)
            << other.error().what;
        // As torch.save writes after torch.serialization.set_crc32_options(False).
        const auto none = read(with_checksum(whole, record, 0));
        EXPECT_TRUE(none.has_value()) << none.error().message();
    }
}

TEST(TorchZip, TheHeaderHasNoData) {
    const TemporaryFolder folder;
    // Its storage is not there, which does not matter yet.
    const auto path = folder.file("x.pt", one_tensor({.type = "HalfStorage", .key = "7"}));
    const auto header = read_torch_zip(path, NamesOf::network, TensorContent::header);
    ASSERT_TRUE(header.has_value()) << header.error().message();
    const at::Tensor& w = header->tensors.at("w");
    EXPECT_TRUE(w.is_meta());
    EXPECT_EQ(w.scalar_type(), at::kHalf);
    EXPECT_EQ(w.sizes().vec(), (std::vector<std::int64_t>{2, 2}));
    EXPECT_FALSE(read_torch_zip(path).has_value());
}

TEST(TorchZip, AllTensorsMayBeReadUnderTheNamesOfTheFile) {
    const TemporaryFolder folder;
    const auto path = folder.file(
        "x.pt",
        file_of(dict({{"model", dict({{"w", tensor({})}})}, {"optimizer", dict({{"m", tensor({})}})}})));
    const auto file = read_torch_zip(path, NamesOf::file);
    ASSERT_TRUE(file.has_value()) << file.error().message();
    EXPECT_EQ(file->tensors.size(), 2U);
    EXPECT_TRUE(file->tensors.contains("model.w"));
    EXPECT_TRUE(file->tensors.contains("optimizer.m"));
    EXPECT_EQ(file->state_from, "");
}

// 32 MB looked through for each of 60,000 tensors would take longer than tests/run.py gives a case.
TEST(TorchZip, BooleansOfOneStorageAreLookedThroughOnce) {
    constexpr int count = 60'000;
    constexpr int size = 32 << 20;
    std::string body = "}(";
    for (int i = 0; i < count; ++i) {
        body += text(std::to_string(i)) +
                tensor({.type = "BoolStorage", .elements = size, .offset = i, .shape = {1}, .strides = {1}});
    }
    const auto file = read(file_of(body + "u", std::string(size, '\1')));
    ASSERT_TRUE(file.has_value()) << file.error().message();
    EXPECT_EQ(file->tensors.size(), std::size_t{count});
}

TEST(TorchZip, SharedDictionariesAreWalkedABoundedNumberOfTimes) {
    // Forty levels, each holding the level below twice: 2^40 paths in a few hundred bytes.
    std::string body = "}";
    for (char level = 1; level <= 40; ++level) {
        const std::string slot(1, level);
        body += joined({"q", slot, "0}(", text("a"), "h", slot, text("b"), "h", slot, "u"});
    }
    const auto file = read(file_of(body));
    ASSERT_FALSE(file.has_value());
    EXPECT_NE(file.error().what.find("entries in all"), std::string::npos) << file.error().what;
}

TEST(TorchZip, WhatCannotBeWrittenLeavesTheOldFile) {
    const TemporaryFolder folder;
    const auto path = folder.file("x.pt", "old");
    TensorFile file;
    file.tensors["z"] = at::ones({2}, at::kComplexFloat);
    EXPECT_FALSE(write_torch_zip(path, file).has_value());
    file.tensors = {{"z", at::Tensor()}};
    EXPECT_FALSE(write_torch_zip(path, file).has_value());
    EXPECT_EQ(read_file(path).value(), "old");
}

TEST(TensorFormat, IsToldByTheFirstBytes) {
    const TemporaryFolder folder;
    EXPECT_EQ(tensor_format(folder.file("a", file_of("}"))).value(), TensorFormat::torch_zip);
    EXPECT_EQ(tensor_format(folder.file("b", std::string("\2\0\0\0\0\0\0\0{}", 10))).value(),
              TensorFormat::safetensors);
    const auto old = read_tensor_file(folder.file("c", "\x80\x02\x8a\x0al\xfc"));
    ASSERT_FALSE(old.has_value());
    EXPECT_NE(old.error().message().find("1.6"), std::string::npos);
    for (const char* bytes : {"", "hello world", "PK"}) {
        EXPECT_FALSE(read_tensor_file(folder.file("d", bytes)).has_value());
    }
    EXPECT_FALSE(read_tensor_file(folder.path() / "none").has_value());
}

}  // namespace
}  // namespace lact
