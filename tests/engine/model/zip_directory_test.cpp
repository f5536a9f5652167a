#include "engine/model/zip_directory.h"

#include "engine/core/files.h"
#include "engine/model/torch_zip.h"
#include "tests/support/pickle_text.h"
#include "tests/support/replaced.h"
#include "tests/support/temporary_folder.h"

#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace lact {
namespace {

using test::replaced;
using test::TemporaryFolder;
using test::pickled::joined;
using test::pickled::little_endian;

constexpr std::size_t zip_end_bytes = 22;
constexpr std::size_t zip_locator_bytes = 20;
constexpr std::size_t zip64_end_bytes = 56;

/// A record of a zip file made by hand, with what its entry in the directory states wrongly.
struct MadeRecord {
    std::string name;
    std::string bytes;
    std::uint64_t method = 0;
    std::uint64_t longer = 0;   ///< Added to its size.
    std::uint64_t further = 0;  ///< Added to its place.
};

/// A zip file of these records. In the zip64 form every number is in a zip64 field.
std::string made_zip(const std::vector<MadeRecord>& records, bool zip64 = false) {
    std::string bytes;
    std::string directory;
    for (const MadeRecord& record : records) {
        const std::string crc = little_endian(crc32_of(record.bytes), 4);
        const std::uint64_t stored = record.bytes.size();
        const std::uint64_t size = stored + record.longer;
        const std::uint64_t begin = bytes.size() + record.further;
        const auto number = [&](std::uint64_t value) { return little_endian(zip64 ? 0xffffffff : value, 4); };
        const std::string extra =
            zip64 ? joined({little_endian(1, 2), little_endian(24, 2), little_endian(size, 8),
                            little_endian(stored, 8), little_endian(begin, 8)})
                  : std::string();
        directory += joined({"PK\x01\x02", little_endian(20, 2), little_endian(20, 2), little_endian(0, 2),
                             little_endian(record.method, 2), little_endian(0, 4), crc, number(stored),
                             number(size), little_endian(record.name.size(), 2),
                             little_endian(extra.size(), 2), little_endian(0, 2), little_endian(0, 2),
                             little_endian(0, 2), little_endian(0, 4), number(begin), record.name, extra});
        bytes +=
            joined({"PK\x03\x04", little_endian(20, 2), little_endian(0, 2), little_endian(record.method, 2),
                    little_endian(0, 4), crc, little_endian(stored, 4), little_endian(stored, 4),
                    little_endian(record.name.size(), 2), little_endian(0, 2), record.name, record.bytes});
    }
    const std::size_t begin = bytes.size();
    bytes += directory;
    const std::size_t end = bytes.size();
    if (zip64) {
        bytes +=
            joined({"PK\x06\x06", little_endian(44, 8), little_endian(45, 2), little_endian(45, 2),
                    little_endian(0, 8), little_endian(records.size(), 8), little_endian(records.size(), 8),
                    little_endian(directory.size(), 8), little_endian(begin, 8)});
        bytes += joined({"PK\x06\x07", little_endian(0, 4), little_endian(end, 8), little_endian(1, 4)});
    }
    return bytes + joined({"PK\x05\x06", little_endian(0, 4), little_endian(records.size(), 2),
                           little_endian(records.size(), 2), little_endian(directory.size(), 4),
                           little_endian(begin, 4), little_endian(0, 2)});
}

/// `bytes` with a number written `before` bytes before their end.
std::string with_number(std::string bytes, std::size_t before, std::uint64_t value, int width) {
    return bytes.replace(bytes.size() - before, static_cast<std::size_t>(width), little_endian(value, width));
}

const std::vector<MadeRecord>& two_records() {
    static const std::vector<MadeRecord> records{{.name = "archive/data.pkl", .bytes = "abc"},
                                                 {.name = "archive/Data/0", .bytes = "defgh"}};
    return records;
}

Result<ZipDirectory> directory_of(const std::string& bytes) {
    const TemporaryFolder folder;
    const auto path = folder.file("x.pt", bytes);
    LACT_TRY(const OpenFile file, open_for_reading(path));
    return read_zip_directory(file, path);
}

TEST(ZipDirectory, ListsRecordsWithTheirSizesAndChecksums) {
    for (const std::string& bytes : {made_zip(two_records()), made_zip(two_records(), true),
                                     made_zip(two_records()) + "a comment behind the end"}) {
        const auto directory = directory_of(bytes);
        ASSERT_TRUE(directory.has_value()) << directory.error().message();
        EXPECT_EQ(directory->top, "archive");
        EXPECT_EQ(directory->records.size(), 2U);
        const ZipRecord* first = directory->find("data.pkl");
        ASSERT_NE(first, nullptr);
        EXPECT_EQ(first->bytes, 3U);
        EXPECT_EQ(first->crc, crc32_of("abc"));
        const ZipRecord* second = directory->find("data/0");
        ASSERT_NE(second, nullptr) << "case does not count";
        EXPECT_EQ(second->bytes, 5U);
        EXPECT_EQ(directory->find("data/1"), nullptr);
    }
}

TEST(ZipDirectory, ReadsWhatPyTorchWrites) {
    const auto directory = directory_of(test::torch_zip({{"data.pkl", "abc"}, {"data/0", ""}}));
    ASSERT_TRUE(directory.has_value()) << directory.error().message();
    ASSERT_NE(directory->find("data.pkl"), nullptr);
    EXPECT_EQ(directory->find("data.pkl")->crc, crc32_of("abc"));
    ASSERT_NE(directory->find("data/0"), nullptr);
    EXPECT_EQ(directory->find("data/0")->bytes, 0U);
    EXPECT_NE(directory->find("version"), nullptr);
}

struct DirectoryCase {
    const char* what;
    std::string bytes;
    const char* message;
    friend void PrintTo(const DirectoryCase& bad, std::ostream* out) { *out << bad.what; }
};
class BadZipDirectory : public testing::TestWithParam<DirectoryCase> {};

TEST_P(BadZipDirectory, IsRefusedWithItsReason) {
    const auto directory = directory_of(GetParam().bytes);
    ASSERT_FALSE(directory.has_value());
    EXPECT_NE(directory.error().message().find(GetParam().message), std::string::npos)
        << directory.error().message();
    EXPECT_NE(directory.error().where.find("x.pt"), std::string::npos) << directory.error().where;
}

std::string one_record(const MadeRecord& record, bool zip64 = false) {
    return made_zip({{.name = "archive/version", .bytes = "3"}, record}, zip64);
}

constexpr std::size_t before_end64 = zip_end_bytes + zip_locator_bytes + zip64_end_bytes;

INSTANTIATE_TEST_SUITE_P(
    All, BadZipDirectory,
    testing::Values(
        DirectoryCase{"Empty", "", "its end is missing"},
        DirectoryCase{"Cut", made_zip(two_records()).substr(0, 100), "its end is missing"},
        DirectoryCase{"Compressed", one_record({.name = "archive/a", .bytes = "x", .method = 8}),
                      "archive/a is compressed"},
        DirectoryCase{"CompressedSaysHowToUnpack",
                      one_record({.name = "archive/a", .bytes = "x", .method = 8}), "zip -0 -r"},
        DirectoryCase{"SizesDiffer", one_record({.name = "archive/a", .bytes = "x", .longer = 1}),
                      "takes 1 bytes for 2"},
        DirectoryCase{"SizesDifferInZip64",
                      one_record({.name = "archive/a", .bytes = "x", .longer = 1}, true),
                      "takes 1 bytes for 2"},
        DirectoryCase{"OutsideOfTheFile", one_record({.name = "archive/a", .bytes = "x", .further = 1000}),
                      "archive/a lies outside"},
        DirectoryCase{
            "FarOutsideOfTheFile",
            one_record({.name = "archive/a", .bytes = "x", .further = std::uint64_t{1} << 63U}, true),
            "archive/a lies outside"},
        DirectoryCase{"TwoOfOneName", one_record({.name = "archive/version", .bytes = "4"}),
                      "archive/version twice"},
        DirectoryCase{"TwoApartFromCase", one_record({.name = "archive/VERSION", .bytes = "4"}), "twice"},
        DirectoryCase{"FewerEntriesThanStated", with_number(made_zip(two_records()), 12, 3, 2),
                      "directory ends early"},
        DirectoryCase{"DirectoryOutside", with_number(made_zip(two_records()), 6, 1'000'000, 4),
                      "directory lies outside"},
        DirectoryCase{"HugeDirectory", with_number(made_zip(two_records()), 10, 0xffffffff, 4), "at most"},
        DirectoryCase{"TooManyRecords",
                      with_number(made_zip(two_records(), true), before_end64 - 32, 2'000'000, 8),
                      "claims 2000000 records"},
        DirectoryCase{"EndOfZip64Missing", with_number(made_zip(two_records(), true), before_end64, 0, 4),
                      "zip64 end is missing"},
        DirectoryCase{"EndOfZip64Outside",
                      with_number(made_zip(two_records(), true), zip_end_bytes + 12, UINT64_MAX, 8),
                      "zip64 end lies outside"},
        DirectoryCase{"FieldOfZip64TooShort",
                      replaced(made_zip(two_records(), true), little_endian(1, 2) + little_endian(24, 2),
                               little_endian(1, 2) + little_endian(8, 2)),
                      "zip64 field ends early"}),
    [](const auto& test) { return test.param.what; });

// PyTorch's reader takes these records whole when it opens a file, and inflates them.
TEST(ZipDirectory, RecordsThatPyTorchReadsAtOnceAreSmallAndNotCompressed) {
    const TemporaryFolder folder;
    for (const char* name : {"archive/version", "archive/.data/version", "archive/.data/serialization_id"}) {
        const auto large = read_torch_zip(
            folder.file("x.pt", made_zip({{.name = "archive/data.pkl", .bytes = test::pickled::whole("}")},
                                          {.name = name, .bytes = std::string(5000, '3')}})));
        ASSERT_FALSE(large.has_value()) << name;
        EXPECT_NE(large.error().what.find("5000 bytes"), std::string::npos) << large.error().what;
        const auto compressed = read_torch_zip(
            folder.file("x.pt", made_zip({{.name = "archive/data.pkl", .bytes = test::pickled::whole("}")},
                                          {.name = name, .bytes = "3", .method = 8}})));
        ASSERT_FALSE(compressed.has_value()) << name;
        EXPECT_NE(compressed.error().what.find("compressed"), std::string::npos) << compressed.error().what;
    }
}

}  // namespace
}  // namespace lact
