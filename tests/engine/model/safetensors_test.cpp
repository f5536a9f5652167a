#include "engine/model/safetensors.h"

#include "engine/core/files.h"
#include "tests/support/temporary_folder.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <ostream>
#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

using test::TemporaryFolder;

/// A safetensors file of this header text and `data_bytes` zero bytes.
std::string with_header(const std::string& header, std::size_t data_bytes) {
    const std::uint64_t length = header.size();
    std::string bytes(sizeof length, '\0');
    std::memcpy(bytes.data(), &length, sizeof length);
    return bytes + header + std::string(data_bytes, '\0');
}

TensorFile one_of_each_type() {
    TensorFile file;
    at::manual_seed(1);
    const at::Tensor values = at::randn({3, 5}) * 50;
    for (const auto type : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt,
                            at::kShort, at::kChar, at::kByte}) {
        file.tensors[std::string("a.") + at::toString(type)] = values.abs().to(type);
    }
    file.tensors["bool"] = values > 0;
    file.tensors["empty"] = at::empty({0, 7});
    file.tensors["number"] = at::tensor(3.25);
    file.tensors["transposed"] = values.t();
    file.metadata = {{"lact", R"({"name": "x"})"}, {"é", "line\nbreak"}};
    return file;
}

TEST(Safetensors, TensorsStayWhereTheFileIsTruncatedUnderThem) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "a.safetensors";
    TensorFile written;
    written.tensors["a"] = at::ones({300, 1000});
    ASSERT_TRUE(write_safetensors(path, written));
    const auto read = read_safetensors(path);
    ASSERT_TRUE(read.has_value()) << read.error().message();
    std::filesystem::resize_file(path, 100);
    EXPECT_EQ(read->tensors.at("a").sum().item<float>(), 300'000.0F);
    const auto again = read_safetensors(path);
    ASSERT_FALSE(again.has_value());
    EXPECT_NE(again.error().message().find("a.safetensors"), std::string::npos);
}

TEST(Safetensors, RoundTripKeepsEveryTypeShapeValueAndTheMetadata) {
    const TemporaryFolder folder;
    const TensorFile written = one_of_each_type();
    const auto path = folder.path() / "all.safetensors";
    const auto done = write_safetensors(path, written);
    ASSERT_TRUE(done.has_value()) << done.error().message();

    const auto read = read_safetensors(path);
    ASSERT_TRUE(read.has_value()) << read.error().message();
    EXPECT_EQ(read->metadata, written.metadata);
    ASSERT_EQ(read->tensors.size(), written.tensors.size());
    for (const auto& [name, tensor] : written.tensors) {
        ASSERT_TRUE(read->tensors.contains(name)) << name;
        const at::Tensor& other = read->tensors.at(name);
        EXPECT_EQ(other.scalar_type(), tensor.scalar_type()) << name;
        EXPECT_EQ(other.sizes(), tensor.sizes()) << name;
        EXPECT_TRUE(at::equal(other, tensor)) << name;
    }
}

TEST(Safetensors, TheHeaderHasEverythingButTheData) {
    const TemporaryFolder folder;
    const TensorFile written = one_of_each_type();
    const auto path = folder.path() / "all.safetensors";
    ASSERT_TRUE(write_safetensors(path, written).has_value());
    const auto header = read_safetensors(path, TensorContent::header);
    ASSERT_TRUE(header.has_value()) << header.error().message();
    EXPECT_EQ(header->metadata, written.metadata);
    ASSERT_EQ(header->tensors.size(), written.tensors.size());
    for (const auto& [name, tensor] : written.tensors) {
        const at::Tensor& other = header->tensors.at(name);
        EXPECT_TRUE(other.is_meta()) << name;
        EXPECT_EQ(other.scalar_type(), tensor.scalar_type()) << name;
        EXPECT_EQ(other.sizes(), tensor.sizes()) << name;
    }
}

TEST(Safetensors, TensorsOutliveTheFile) {
    at::Tensor tensor;
    {
        const TemporaryFolder folder;
        const auto path = folder.path() / "x.safetensors";
        TensorFile file;
        file.tensors["x"] = at::arange(1000, at::kFloat);
        ASSERT_TRUE(write_safetensors(path, file).has_value());
        tensor = read_safetensors(path).value().tensors.at("x");
    }
    EXPECT_TRUE(at::equal(tensor, at::arange(1000, at::kFloat)));
}

TEST(Safetensors, MisalignedTensorsAreReadRight) {
    const TemporaryFolder folder;
    // The data begins at an odd byte (header of odd length) and the second tensor at byte 1 of it.
    std::string header =
        R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}})";
    header.append(header.size() % 2 == 0 ? 1 : 0, ' ');
    std::string bytes = with_header(header, 9);
    const std::array<float, 2> values{1.5F, -2.25F};
    std::memcpy(bytes.data() + bytes.size() - 8, values.data(), 8);
    for (int shift = 0; shift < 4; ++shift) {
        const auto length = static_cast<std::uint64_t>(header.size() + static_cast<std::size_t>(shift));
        std::string shifted = bytes;
        std::memcpy(shifted.data(), &length, sizeof length);
        shifted.insert(8 + header.size(), std::string(static_cast<std::size_t>(shift), ' '));
        const auto file = read_safetensors(folder.file("x.safetensors", shifted));
        ASSERT_TRUE(file.has_value()) << file.error().message();
        const at::Tensor b = file->tensors.at("b");
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(b.const_data_ptr()) % 4, 0U);
        EXPECT_TRUE(at::equal(b, at::tensor({1.5F, -2.25F})));
    }
}

TEST(Safetensors, WrittenTensorsAreAligned) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "x.safetensors";
    TensorFile file;
    file.tensors["a"] = at::ones({3}, at::kByte);
    file.tensors["b"] = at::ones({3}, at::kBFloat16);
    file.tensors["c"] = at::ones({3}, at::kDouble);
    ASSERT_TRUE(write_safetensors(path, file).has_value());
    const std::string bytes = read_file(path).value();
    // Wide first: c at 0, b at 24, a at 30; the header is padded so that the data begins at a multiple of 8.
    EXPECT_NE(bytes.find(R"("c":{"data_offsets":[0,24])"), std::string::npos);
    EXPECT_NE(bytes.find(R"("b":{"data_offsets":[24,30])"), std::string::npos);
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), sizeof header);
    EXPECT_EQ(header % 8, 0U);
}

struct BrokenFile {
    const char* what;
    std::string bytes;
    const char* message;   ///< A part of the error that must be there.
    bool in_data = false;  ///< The header alone is sound.

    friend void PrintTo(const BrokenFile& file, std::ostream* out) { *out << file.what; }
};

class BrokenSafetensors : public testing::TestWithParam<BrokenFile> {};

TEST_P(BrokenSafetensors, IsRefusedWithItsReason) {
    const TemporaryFolder folder;
    const auto path = folder.file("broken.safetensors", GetParam().bytes);
    const auto file = read_safetensors(path);
    ASSERT_FALSE(file.has_value());
    EXPECT_NE(file.error().message().find(GetParam().message), std::string::npos) << file.error().message();
    EXPECT_NE(file.error().where.find(path.string()), std::string::npos) << file.error().where;
    // The header alone gives the same reason, unless it lies in the data.
    const auto header = read_safetensors(path, TensorContent::header);
    ASSERT_EQ(header.has_value(), GetParam().in_data);
    if (!header) {
        EXPECT_EQ(header.error().message(), file.error().message());
    }
}

std::string one_tensor(const std::string& entry, std::size_t data_bytes) {
    return with_header(R"({"w":)" + entry + "}", data_bytes);
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenSafetensors,
    testing::Values(
        BrokenFile{"Empty", "", "too few"}, BrokenFile{"SevenBytes", std::string(7, '\0'), "too few"},
        BrokenFile{"HeaderBeyondTheFile", std::string("\x09\0\0\0\0\0\0\0{}", 10), "should have 9 bytes"},
        BrokenFile{"HugeHeader", std::string(16, '\xff'), "limit 100000000"},
        BrokenFile{"NotJson", with_header("{\"w\":", 0), "not valid JSON"},
        BrokenFile{"BadUtf8", with_header("{\"\xff\":1}", 0), "not valid JSON"},
        BrokenFile{"NotAnObject", with_header("[1]", 0), "JSON array"},
        BrokenFile{"NamedTwice",
                   with_header(R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                               R"("w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
                               1),
                   "twice"},
        BrokenFile{"EntryIsANumber", one_tensor("1", 0), "lacks"},
        BrokenFile{"NoType", one_tensor(R"({"shape":[1],"data_offsets":[0,1]})", 1), "lacks"},
        BrokenFile{"NoShape", one_tensor(R"({"dtype":"U8","data_offsets":[0,1]})", 1), "lacks"},
        BrokenFile{"NoOffsets", one_tensor(R"({"dtype":"U8","shape":[1]})", 1), "lacks"},
        BrokenFile{"UnknownType", one_tensor(R"({"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]})", 1),
                   "unknown dtype \"F8_E4M3\""},
        BrokenFile{"NegativeSize", one_tensor(R"({"dtype":"U8","shape":[-1],"data_offsets":[0,1]})", 1),
                   "shape holds -1"},
        BrokenFile{"FractionalSize", one_tensor(R"({"dtype":"U8","shape":[1.5],"data_offsets":[0,1]})", 1),
                   "shape holds 1.5"},
        BrokenFile{"HugeSize",
                   one_tensor(R"({"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,1]})", 1),
                   "shape holds"},
        BrokenFile{"OverflowingShape",
                   one_tensor(R"({"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,4]})", 4),
                   "too large"},
        BrokenFile{"OverflowingEmptyShape",
                   one_tensor(R"({"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]})", 0),
                   "too large"},
        BrokenFile{"TooManyDimensions",
                   one_tensor(R"({"dtype":"U8","shape":[1)" +
                                  [] {
                                      std::string ones;
                                      for (int i = 0; i < 64; ++i) {
                                          ones += ",1";
                                      }
                                      return ones;
                                  }() +
                                  R"(],"data_offsets":[0,1]})",
                              1),
                   "65 dimensions"},
        BrokenFile{"ThreeOffsets", one_tensor(R"({"dtype":"U8","shape":[1],"data_offsets":[0,1,2]})", 1),
                   "3 numbers"},
        BrokenFile{"OffsetIsText", one_tensor(R"({"dtype":"U8","shape":[1],"data_offsets":[0,"1"]})", 1),
                   "data_offsets holds"},
        BrokenFile{"OffsetsReversed", one_tensor(R"({"dtype":"U8","shape":[1],"data_offsets":[1,0]})", 1),
                   "not inside"},
        BrokenFile{"OffsetsOutside", one_tensor(R"({"dtype":"U8","shape":[4],"data_offsets":[0,4]})", 3),
                   "not inside"},
        BrokenFile{"BytesDoNotFitTheShape",
                   one_tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[0,4]})", 4), "needs 8 bytes"},
        BrokenFile{"Overlap",
                   with_header(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                               R"("w":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                               3),
                   "they overlap"},
        BrokenFile{"Hole",
                   with_header(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                               R"("w":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})",
                               3),
                   "there is a gap"},
        BrokenFile{"Rest", one_tensor(R"({"dtype":"U8","shape":[1],"data_offsets":[0,1]})", 3),
                   "tensors use only 1"},
        BrokenFile{
            "BoolOfTwo",
            one_tensor(R"({"dtype":"BOOL","shape":[1],"data_offsets":[0,1]})", 0) + std::string("\x02"),
            "other than 0 and 1", true},
        BrokenFile{"MetadataIsAList", with_header(R"({"__metadata__":[]})", 0), "__metadata__"},
        BrokenFile{"MetadataHoldsANumber", with_header(R"({"__metadata__":{"a":1}})", 0),
                   "a string was expected"}),
    [](const auto& test) { return test.param.what; });

TEST(Safetensors, ReadingWhatIsNotThereOrAFolderFails) {
    const TemporaryFolder folder;
    EXPECT_FALSE(read_safetensors(folder.path() / "none.safetensors").has_value());
    EXPECT_FALSE(read_safetensors(folder.path()).has_value());
}

TEST(Safetensors, WhatCannotBeWrittenLeavesTheOldFile) {
    const TemporaryFolder folder;
    const auto path = folder.file("x.safetensors", "old");
    TensorFile file;
    file.tensors["z"] = at::ones({2}, at::kComplexFloat);
    const auto complex = write_safetensors(path, file);
    ASSERT_FALSE(complex.has_value());
    EXPECT_NE(complex.error().message().find("ComplexFloat"), std::string::npos) << complex.error().message();
    file.tensors = {{"z", at::Tensor()}};
    EXPECT_FALSE(write_safetensors(path, file).has_value());
    file.tensors = {{"__metadata__", at::ones({1})}};
    EXPECT_FALSE(write_safetensors(path, file).has_value());
    for (const char* name : {"\xff", "a\x1b[2J"}) {
        file.tensors = {{name, at::ones({1})}};
        const auto written = write_safetensors(path, file);
        ASSERT_FALSE(written.has_value());
        EXPECT_NE(written.error().what.find("control characters, or bytes that are not UTF-8"),
                  std::string::npos)
            << written.error().what;
    }
    EXPECT_EQ(read_file(path).value(), "old");
    EXPECT_FALSE(write_safetensors(folder.path() / "no" / "x.safetensors", TensorFile{}).has_value());
}

}  // namespace
}  // namespace lact
