// The end of a zip file: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.12 to 4.3.16, read
// as miniz reads it, the library of PyTorch's reader, so that both see the same records.
#include "engine/model/zip_directory.h"

#include "engine/core/files.h"
#include "engine/core/printable.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

namespace lact {
namespace {

constexpr std::string_view end_signature = "PK\x05\x06";
constexpr std::string_view locator_signature = "PK\x06\x07";
constexpr std::string_view end64_signature = "PK\x06\x06";
constexpr std::string_view entry_signature = "PK\x01\x02";
constexpr std::size_t end_bytes = 22;
constexpr std::size_t longest_comment = 65535;
constexpr std::size_t locator_bytes = 20;
constexpr std::size_t end64_bytes = 56;
constexpr std::size_t entry_bytes = 46;
constexpr std::size_t local_header_bytes = 30;
constexpr std::uint64_t in_zip64 = 0xffffffffU;  ///< Stands for a number that the zip64 field holds.
constexpr std::uint64_t most_records = 1'000'000;
constexpr std::uint64_t most_directory_bytes = std::uint64_t{256} << 20U;
constexpr const char* damaged_zip_hint = "The file is damaged or incomplete: copy or download it again.";

/// `width` bytes as a little-endian number; they are there.
std::uint64_t zip_number(std::string_view bytes, std::size_t at, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = width; i > 0; --i) {
        value = value << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
    }
    return value;
}

/// As miniz compares names.
std::string zip_key(std::string_view name) {
    std::string key(name);
    std::transform(key.begin(), key.end(), key.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return key;
}

tl::unexpected<Error> damaged_zip(const std::filesystem::path& path, const std::string& what) {
    return fail(path.string(), "is a damaged zip file: " + what, damaged_zip_hint);
}

/// Where the directory lies in the file.
struct DirectoryPlace {
    std::uint64_t begin = 0;
    std::uint64_t bytes = 0;
    std::uint64_t records = 0;
};

Result<DirectoryPlace> directory_place(const OpenFile& file, const std::filesystem::path& path) {
    const std::size_t tail_bytes = std::min(file.size, end_bytes + longest_comment);
    LACT_TRY(const std::string tail, read_file_part(file, file.size - tail_bytes, tail_bytes, path));
    const std::size_t at =
        tail.size() < end_bytes ? std::string::npos : tail.rfind(end_signature, tail.size() - end_bytes);
    if (at == std::string::npos) {
        return damaged_zip(path, "its end is missing");
    }
    DirectoryPlace place{zip_number(tail, at + 16, 4), zip_number(tail, at + 12, 4),
                         zip_number(tail, at + 10, 2)};
    const std::size_t end = file.size - tail_bytes + at;
    if (end >= locator_bytes + end64_bytes) {
        LACT_TRY(const std::string locator, read_file_part(file, end - locator_bytes, locator_bytes, path));
        if (locator.starts_with(locator_signature)) {
            const std::uint64_t begin = zip_number(locator, 8, 8);
            if (begin > file.size - end64_bytes) {
                return damaged_zip(path, "its zip64 end lies outside of it");
            }
            LACT_TRY(const std::string end64, read_file_part(file, begin, end64_bytes, path));
            if (!end64.starts_with(end64_signature)) {
                return damaged_zip(path, "its zip64 end is missing");
            }
            place = {zip_number(end64, 48, 8), zip_number(end64, 40, 8), zip_number(end64, 32, 8)};
        }
    }
    if (place.records > most_records || place.bytes > most_directory_bytes) {
        return fail(path.string(),
                    fmt::format("claims {} records in a directory of {} bytes; at most {} and {} are read",
                                place.records, place.bytes, most_records, most_directory_bytes),
                    damaged_zip_hint);
    }
    if (place.begin > file.size || place.bytes > file.size - place.begin) {
        return damaged_zip(path, "its directory lies outside of it");
    }
    return place;
}

/// One record as the directory describes it.
struct DirectoryEntry {
    std::string_view name;
    std::uint64_t method = 0;
    std::uint64_t crc = 0;
    std::uint64_t stored = 0;
    std::uint64_t size = 0;
    std::uint64_t begin = 0;
};

/// Replaces the numbers that do not fit into four bytes by those of the zip64 field. False if it is damaged.
bool widen(DirectoryEntry& entry, std::string_view extra) {
    if (std::max({entry.stored, entry.size, entry.begin}) != in_zip64) {
        return true;
    }
    constexpr std::uint64_t zip64_field = 1;
    while (!extra.empty()) {
        if (extra.size() < 4 || zip_number(extra, 2, 2) > extra.size() - 4) {
            return false;
        }
        const std::size_t size = zip_number(extra, 2, 2);
        if (zip_number(extra, 0, 2) != zip64_field) {
            extra.remove_prefix(4 + size);
            continue;
        }
        std::string_view field = extra.substr(4, size);
        for (std::uint64_t* number : {&entry.size, &entry.stored, &entry.begin}) {
            if (*number == in_zip64) {
                if (field.size() < 8) {
                    return false;
                }
                *number = zip_number(field, 0, 8);
                field.remove_prefix(8);
            }
        }
        return true;
    }
    return true;
}

/// The first entry of `rest`, which is removed from it.
Result<DirectoryEntry> take_entry(std::string_view& rest, const std::filesystem::path& path) {
    if (rest.size() < entry_bytes || !rest.starts_with(entry_signature)) {
        return damaged_zip(path, "its directory ends early");
    }
    const std::size_t name = zip_number(rest, 28, 2);
    const std::size_t extra = zip_number(rest, 30, 2);
    const std::size_t whole = entry_bytes + name + extra + zip_number(rest, 32, 2);
    if (whole > rest.size()) {
        return damaged_zip(path, "its directory ends early");
    }
    DirectoryEntry entry{rest.substr(entry_bytes, name), zip_number(rest, 10, 2), zip_number(rest, 16, 4),
                         zip_number(rest, 20, 4),        zip_number(rest, 24, 4), zip_number(rest, 42, 4)};
    if (!widen(entry, rest.substr(entry_bytes + name, extra))) {
        return damaged_zip(path, "a zip64 field ends early");
    }
    rest.remove_prefix(whole);
    return entry;
}

Result<void> check_record(const DirectoryEntry& entry, std::uint64_t file_bytes,
                          const std::filesystem::path& path) {
    const std::string name = printable_line(entry.name);
    if (entry.method != 0) {
        return fail(path.string(),
                    fmt::format("its record {} is compressed, which torch.save never does", name),
                    "Unpack the file and pack its folder again with: zip -0 -r weights.pt FOLDER\n"
                    "  or save the weights again with torch.save.");
    }
    if (entry.stored != entry.size) {
        return damaged_zip(
            path, fmt::format("its record {} takes {} bytes for {}", name, entry.stored, entry.size));
    }
    if (entry.begin > file_bytes || file_bytes - entry.begin < local_header_bytes ||
        entry.stored > file_bytes - entry.begin - local_header_bytes) {
        return damaged_zip(path, fmt::format("its record {} lies outside of it", name));
    }
    return {};
}

}  // namespace

const ZipRecord* ZipDirectory::find(std::string_view name) const {
    const auto found = records.find(zip_key(fmt::format("{}/{}", top, name)));
    return found == records.end() ? nullptr : &found->second;
}

Result<ZipDirectory> read_zip_directory(const OpenFile& file, const std::filesystem::path& path) {
    LACT_TRY(const DirectoryPlace place, directory_place(file, path));
    LACT_TRY(const std::string bytes, read_file_part(file, place.begin, place.bytes, path));
    ZipDirectory directory;
    std::string_view rest = bytes;
    for (std::uint64_t i = 0; i < place.records; ++i) {
        LACT_TRY(const DirectoryEntry entry, take_entry(rest, path));
        LACT_CHECK(check_record(entry, file.size, path));
        if (i == 0) {
            directory.top = entry.name.substr(0, entry.name.find('/'));
        }
        const ZipRecord record{entry.size, static_cast<std::uint32_t>(entry.crc)};
        if (!directory.records.emplace(zip_key(entry.name), record).second) {
            return damaged_zip(path, fmt::format("it holds the record {} twice", printable_line(entry.name)));
        }
    }
    return directory;
}

}  // namespace lact
