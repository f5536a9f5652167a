#pragma once

#include "engine/core/error.h"
#include "engine/core/file_descriptor.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

namespace lact {

/// A record of a zip file, stored as it is.
struct ZipRecord {
    std::uint64_t bytes = 0;
    std::uint32_t crc = 0;  ///< Its CRC-32; 0 where the writer left it out.
};

/// What the central directory of a PyTorch zip file lists.
struct ZipDirectory {
    std::string top;  ///< The folder of the first record, below which PyTorch's reader looks for all others.
    std::unordered_map<std::string, ZipRecord> records;  ///< By names in lower case, with `top`.

    /// The record "data.pkl" of the top folder; like PyTorch's reader, without regard to case. Null if there
    /// is none.
    [[nodiscard]] const ZipRecord* find(std::string_view name) const;
};

/// Reads the central directory, also that of the zip64 format, and checks all lengths against the file.
/// PyTorch's reader unpacks some records before it can be asked for their size: so every record must be
/// stored as it is, which bounds it by the file. Errors: no zip file, or a damaged one; a compressed record;
/// two records of one name; too many records.
[[nodiscard]] Result<ZipDirectory> read_zip_directory(const OpenFile& file,
                                                      const std::filesystem::path& path);

}  // namespace lact
