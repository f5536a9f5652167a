#include "engine/core/file_kind.h"

#include "app/document/open_target.h"
#include "app/document/session_file.h"
#include "app/video/provenance.h"
#include "engine/core/text_file.h"
#include "engine/model/checkpoint.h"
#include "engine/scene/camera_track_import.h"
#include "engine/scene/colmap_model.h"
#include "engine/scene/image.h"
#include "tests/support/pickle_text.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <functional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace lact {
namespace {

using test::TemporaryFolder;
using namespace std::string_literals;

/// A zip file with one stored entry, as far as its kind is concerned.
std::string zip_of(const std::string& name) {
    const std::string length{static_cast<char>(name.size()), '\0'};
    const std::string fields(22, '\0');
    return "PK\x03\x04" + fields + length + "\0\0"s + name + "PK\x01\x02" + fields + "\0\0"s + length +
           std::string(16, '\0') + name + "PK\x05\x06" + std::string(18, '\0');
}

std::string at_offset(std::size_t offset, const std::string& bytes) {
    return std::string(offset, '\1') + bytes;
}

const std::string lfs_pointer_text =
    "version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(64, 'a') + "\nsize 987654321\n";
const std::string legacy_pickle = "\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";

struct KindSample {
    FileKind kind;
    const char* name;  ///< Of the file; most kinds need no ending.
    std::string bytes;
};

std::vector<KindSample> kind_samples() {
    return {
        {FileKind::empty, "a", ""},
        {FileKind::lfs_pointer, "a", lfs_pointer_text},
        {FileKind::html, "a", "<!DOCTYPE html>\n<html><body>Sign in</body></html>"},
        {FileKind::html, "a", "\xef\xbb\xbf\r\n  <HTML lang=en>"},
        {FileKind::html, "a", "<!-- saved -->\n<html>"},
        {FileKind::text, "a", "# a comment\nhello, world\n"},
        {FileKind::json, "a", "// c\n{\"a\": 1}"},
        {FileKind::utf16_text, "a", "\xff\xfe{\0}\0"s},
        {FileKind::utf16_text, "a", "\xfe\xff\0{\0}"s},
        {FileKind::utf16_text, "a", "{\0\"\0a\0\"\0"s},
        {FileKind::utf32_text, "a", "\xff\xfe\0\0{\0\0\0"s},
        {FileKind::xml, "a", "<?xml version=\"1.0\"?>\n<document/>"},
        {FileKind::safetensors, "a", "\x02\0\0\0\0\0\0\0{}"s},
        // Lengths of headers that begin as a pickle, and as a gzip stream.
        {FileKind::safetensors, "a", "\x80\x02\0\0\0\0\0\0{}"s + std::string(638, ' ')},
        {FileKind::safetensors, "a", "\x1f\x8b\0\0\0\0\0\0{}"s + std::string(0x8b1f - 2, ' ')},
        {FileKind::safetensors, "cut.safetensors", "\x80\x02\0\0\0\0\0\0{\"a"s},
        {FileKind::torch_zip, "a", test::torch_zip({{"data.pkl", test::pickled::whole("}")}})},
        {FileKind::torch_script, "a",
         test::torch_zip({{"data.pkl", "x"}, {"constants.pkl", "x"}, {"code/m.py", "x"}})},
        {FileKind::legacy_torch, "a", legacy_pickle},
        {FileKind::legacy_torch, "a.pth", "\x80\x04}."},
        {FileKind::pickle, "a", "\x80\x04}."},
        {FileKind::cut_zip, "a", zip_of("b").substr(0, 40)},
        {FileKind::onnx, "a", "\x08\x07\x12\x07pytorch"s + "\x1a\x01" + "2"},
        {FileKind::gguf, "a", "GGUF\x03\0\0\0"s},
        {FileKind::hdf5, "a", "\x89HDF\r\n\x1a\n\0\0"s},
        {FileKind::tensorflow, "a.index", "\0\1\2\3\x57\xfb\x80\x8b\x24\x75\x47\xdb"s},
        {FileKind::tensorflow, "saved_model.pb", "\x08\x01\x1a\0\0"s},
        {FileKind::numpy, "a", "\x93NUMPY\x01\0"s},
        {FileKind::numpy, "a", zip_of("poses.npy")},
        {FileKind::png, "a", "\x89PNG\r\n\x1a\n\0\0"s},
        {FileKind::jpeg, "a", "\xff\xd8\xff\xe0\0\x10JFIF"s},
        {FileKind::bmp, "a", "BM\x10\0\0\0\0\0\0\0"s},
        {FileKind::gif, "a", "GIF89a\1\0"s},
        {FileKind::psd, "a", "8BPS\0\1"s},
        {FileKind::netpbm, "a", "P6\n2 2\n255\n"},
        {FileKind::webp, "a", "RIFF\x10\0\0\0WEBPVP8 "s},
        {FileKind::heic, "a",
         "\0\0\0\x18"
         "ftypheic\0\0\0\0"s},
        {FileKind::heic, "a",
         "\0\0\0\x18"
         "ftypmif1\0\0\0\0"s},
        {FileKind::avif, "a",
         "\0\0\0\x18"
         "ftypavif\0\0\0\0"s},
        {FileKind::tiff, "a", "II*\0\x08\0\0\0"s},
        {FileKind::tiff, "a", "MM\0*\0\0\0\x08"s},
        {FileKind::raw_photo, "a.DNG", "II*\0\x08\0\0\0"s},
        {FileKind::raw_photo, "a",
         "\0\0\0\x18"
         "ftypcrx \0\0\0\0"s},
        {FileKind::jpeg_xl, "a", "\xff\x0a\xfa\x7f"},
        {FileKind::jpeg_xl, "a", "\0\0\0\x0cJXL \r\n"s},
        {FileKind::jpeg_2000, "a", "\0\0\0\x0cjP  \r\n"s},
        {FileKind::open_exr, "a", "\x76\x2f\x31\x01\x02\0\0\0"s},
        {FileKind::radiance_hdr, "a", "#?RADIANCE\n"},
        {FileKind::svg, "a", "<svg xmlns=\"x\"/>"},
        {FileKind::video, "a",
         "\0\0\0\x18"
         "ftypisom\0\0\0\0"s},
        {FileKind::video, "a", "\x1a\x45\xdf\xa3\x01\0"s},
        {FileKind::ply, "a", "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nend_header\n"},
        {FileKind::gaussian_ply, "a", "ply\r\nformat binary_little_endian 1.0\nproperty float f_dc_0\n"},
        {FileKind::splat, "a.splat", "\1\2\3\0\5\6\7\0"s},
        {FileKind::splat, "a.ksplat", "\0\1\0\0\1\0\0\0"s},
        {FileKind::splat, "a.spz", "\x1f\x8b\x08\0"s},
        {FileKind::blend, "a", "BLENDER-v300"},
        {FileKind::blend, "a.blend", "\x28\xb5\x2f\xfd\0\0"s},
        {FileKind::gltf, "a", "glTF\x02\0\0\0"s},
        {FileKind::gltf, "a.gltf", "{\"asset\": {\"version\": \"2.0\"}}"},
        {FileKind::obj, "a", "# Blender\nmtllib a.mtl\no Cube\nv 1 1 1\nv 1 1 2\n"},
        {FileKind::fbx, "a", "Kaydara FBX Binary  \0"s},
        {FileKind::usd, "a", "PXR-USDC\0\0"s},
        {FileKind::usd, "a", "#usda 1.0\n"},
        {FileKind::zip, "a", zip_of("images/a.png")},
        {FileKind::seven_zip, "a", "7z\xbc\xaf\x27\x1c\0\4"s},
        {FileKind::rar, "a", "Rar!\x1a\x07\x01\0"s},
        {FileKind::tar, "a", at_offset(257, "ustar\0"s)},
        {FileKind::gzip, "a", "\x1f\x8b\x08\0"s},
        {FileKind::bzip2, "a", "BZh91AY"},
        {FileKind::xz, "a",
         "\xfd"
         "7zXZ\0\0"s},
        {FileKind::zstd, "a", "\x28\xb5\x2f\xfd\0\0"s},
        {FileKind::pdf, "a", "%PDF-1.7\n"},
    };
}

/// A reader of files, with the name that it opens and the kinds that it explains itself.
struct RefusingReader {
    const char* what;
    const char* name;
    std::set<FileKind> own;
    std::function<std::string(const std::filesystem::path&)> message;
    friend void PrintTo(const RefusingReader& reader, std::ostream* out) { *out << reader.what; }
};

template <class T>
std::string refusal_text(const Result<T>& result) {
    return result ? "no error" : result.error().message();
}

class Refusal : public testing::TestWithParam<RefusingReader> {};

TEST_P(Refusal, OfEveryKindSaysWhatTheFileIsAndTheStep) {
    for (const KindSample& sample : kind_samples()) {
        SCOPED_TRACE(to_string(sample.kind));
        const RefusingReader& reader = GetParam();
        const std::string ending = std::filesystem::path(sample.name).extension().string();
        // Kinds that an ending tells are met under their own names only.
        if (reader.own.contains(sample.kind) || !ending.empty()) {
            continue;
        }
        const TemporaryFolder folder;
        const auto path = folder.file(reader.name, sample.bytes);
        const FileFinding found = sniff_file(path);
        EXPECT_EQ(found.kind, sample.kind) << to_string(sample.kind);
        const std::string message = reader.message(path);
        EXPECT_FALSE(found.is.empty());
        EXPECT_NE(message.find(found.is), std::string::npos) << to_string(sample.kind) << ": " << message;
        EXPECT_NE(message.find(found.step), std::string::npos) << to_string(sample.kind) << ": " << message;
        EXPECT_NE(message.find(path.string()), std::string::npos) << message;
    }
}

const std::set<FileKind> text_kinds{FileKind::text, FileKind::json};

INSTANTIATE_TEST_SUITE_P(
    All, Refusal,
    testing::Values(
        RefusingReader{"Weights",
                       "w.safetensors",
                       {FileKind::safetensors, FileKind::torch_zip},
                       [](const auto& path) { return refusal_text(load_checkpoint(path)); }},
        RefusingReader{
            "Photo",
            "photo.jpg",
            {FileKind::png, FileKind::jpeg, FileKind::bmp, FileKind::gif, FileKind::psd, FileKind::netpbm},
            [](const auto& path) { return refusal_text(load_image(path)); }},
        RefusingReader{
            "PhotoSize",
            "photo.jpg",
            {FileKind::png, FileKind::jpeg, FileKind::bmp, FileKind::gif, FileKind::psd, FileKind::netpbm},
            [](const auto& path) { return refusal_text(image_info(path)); }},
        RefusingReader{"Json", "a.json", text_kinds,
                       [](const auto& path) { return refusal_text(parse_json_file(path)); }},
        RefusingReader{"Text", "a.txt", text_kinds,
                       [](const auto& path) { return refusal_text(read_text_file(path)); }},
        RefusingReader{"CameraPath", "a.json", text_kinds,
                       [](const auto& path) { return refusal_text(import_camera_track(path)); }},
        RefusingReader{"Session", "a.json", text_kinds,
                       [](const auto& path) { return refusal_text(app::load_session_file(path)); }},
        RefusingReader{"ColmapBinary",
                       "cameras.bin",
                       {FileKind::safetensors, FileKind::pickle, FileKind::legacy_torch},
                       [](const auto& path) {
                           return refusal_text(read_colmap_model(path.parent_path() / "images.bin"));
                       }},
        RefusingReader{"ColmapText", "cameras.txt", text_kinds,
                       [](const auto& path) {
                           return refusal_text(read_colmap_model(path.parent_path() / "images.txt"));
                       }},
        RefusingReader{"Recording",
                       "a.png",
                       {FileKind::png, FileKind::gif, FileKind::video},
                       [](const auto& path) { return refusal_text(app::read_provenance(path)); }},
        RefusingReader{"Open",
                       "a.thing",
                       {FileKind::text, FileKind::json, FileKind::safetensors, FileKind::torch_zip,
                        FileKind::torch_script, FileKind::legacy_torch},
                       [](const auto& path) { return app::dispatch_path(path).sentence; }},
        RefusingReader{"OpenJson",
                       "a.json",
                       {FileKind::text, FileKind::json, FileKind::safetensors, FileKind::torch_zip,
                        FileKind::torch_script, FileKind::legacy_torch},
                       [](const auto& path) { return app::dispatch_path(path).sentence; }}),
    [](const auto& test) { return test.param.what; });

TEST(FileKind, IsToldByContentForEveryKind) {
    std::set<FileKind> seen{FileKind::unknown, FileKind::missing, FileKind::folder};
    for (const KindSample& sample : kind_samples()) {
        const TemporaryFolder folder;
        const FileFinding found = sniff_file(folder.file(sample.name, sample.bytes));
        EXPECT_EQ(found.kind, sample.kind)
            << to_string(sample.kind) << " is taken for " << to_string(found.kind);
        seen.insert(sample.kind);
    }
    for (const FileKind kind : file_kinds()) {
        EXPECT_TRUE(seen.contains(kind)) << "no sample of " << to_string(kind);
    }
    EXPECT_EQ(file_kinds().size(), static_cast<std::size_t>(FileKind::pdf) + 1);
}

TEST(FileKind, OfWhatIsNoFileOrHasNoSignature) {
    const TemporaryFolder folder;
    EXPECT_EQ(sniff_file(folder.path() / "none").kind, FileKind::missing);
    EXPECT_EQ(sniff_file(folder.path()).kind, FileKind::folder);
    EXPECT_EQ(sniff_file("/dev/zero").kind, FileKind::unknown);
    for (const std::string& bytes :
         {"\0\1\2\3\4"s, "\x80\0"s, "\x10\0\0\0\0\0\0\0\1"s,
          // Of COLMAP: 640, 1408 and 2 photos, the first with the number 1 or 123.
          "\x80\x02\0\0\0\0\0\0\1\0\0\0"s, "\x80\x05\0\0\0\0\0\0\1\0\0\0"s, "\2\0\0\0\0\0\0\0{\0\0\0"s,
          // A header of safetensors that is longer than the file.
          "\x80\x02\0\0\0\0\0\0{\"a"s}) {
        EXPECT_EQ(sniff_file(folder.file("x", bytes)).kind, FileKind::unknown)
            << testing::PrintToString(bytes);
    }
}

TEST(FileKind, NamesSizesAndQuotesCommands) {
    const TemporaryFolder folder;
    const auto finding = sniff_file(folder.file("w.pt", lfs_pointer_text));
    EXPECT_NE(finding.is.find("987654321 bytes"), std::string::npos) << finding.is;
    EXPECT_NE(finding.step.find("git -C " + folder.path().string() + " lfs pull"), std::string::npos);
    const auto quoted = sniff_file(folder.file("it's $(a) photo.heic",
                                               "\0\0\0\x18"
                                               "ftypheic\0\0\0\0"s));
    EXPECT_NE(quoted.step.find("/it'\\''s $(a) photo.heic' '"), std::string::npos) << quoted.step;
    EXPECT_EQ(shell_word("/a/b-1_2.png"), "/a/b-1_2.png");
    EXPECT_EQ(shell_word("a b"), "'a b'");
    EXPECT_EQ(shell_word("-rf;"), "'-rf;'");
}

TEST(FileKind, NamesOfIndexesAndOfColmapAreTold) {
    for (const char* name : {"model.safetensors.index.json", "pytorch_model.bin.index.json",
                             "/a/w.pt.index.json", "w.pth.index.json", "W.SafeTensors.Index.JSON"}) {
        EXPECT_TRUE(is_shard_index(name)) << name;
    }
    for (const char* name :
         {"index.json", "a.index.json", "a.bin.json", "a.safetensors", "index.json/a", ""}) {
        EXPECT_FALSE(is_shard_index(name)) << name;
    }
    for (const char* name : {"images.bin", "/a/cameras.bin", "points3D.bin", "images.txt", "points3D.txt"}) {
        EXPECT_TRUE(is_colmap_name(name)) << name;
    }
    for (const char* name : {"images", "images.pt", "my_images.bin", "images.bin/a", ""}) {
        EXPECT_FALSE(is_colmap_name(name)) << name;
    }
}

TEST(RefusedFile, OfAColmapModelKeepsItsReasonWhereItOnlySeemsToBeAnother) {
    const TemporaryFolder folder;
    const Error reason{"reason", "where", "hint", false};
    for (const std::string& bytes : {"\2\0\0\0\0\0\0\0{}"s, "\x80\x04}."s, legacy_pickle}) {
        for (const char* name : {"images.bin", "images"}) {
            const auto path = folder.file(name, bytes);
            EXPECT_EQ(refused_file(path, FileUse::colmap_binary, reason).what, "reason");
        }
    }
    EXPECT_NE(refused_file(folder.file("images.bin", "BZh91AY"), FileUse::colmap_binary, reason).what,
              "reason");
}

TEST(RefusedFile, OfTheExpectedKindKeepsItsReason) {
    const TemporaryFolder folder;
    const Error reason{"reason", "where", "hint", false};
    EXPECT_EQ(refused_file(folder.file("a", "{}"), FileUse::text, reason).what, "reason");
    EXPECT_EQ(refused_file(folder.file("b", "\2\0\0\0\0\0\0\0{}"s), FileUse::weights, reason).hint, "hint");
    EXPECT_EQ(refused_file(folder.path() / "none", FileUse::photo, reason).where, "where");
    EXPECT_NE(refused_file(folder.file("c", "BLENDER-v300"), FileUse::photo, reason).what, "reason");
    EXPECT_EQ(refused_file(folder.file("d", "x"), FileUse::photo, {"", "", "", true}).cancelled, true);
}

}  // namespace
}  // namespace lact
