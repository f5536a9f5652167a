#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace lact {

// Names of files as people and systems write them: how alike two of them are.

/// Whether a name is litter that other systems leave: "._a.jpg", ".DS_Store", "Thumbs.db", "desktop.ini",
/// "__MACOSX". In any letter case. Litter is never a photo, a mask or a scene.
[[nodiscard]] bool is_litter(const std::filesystem::path& path);

/// A name for comparisons that ignore letter case and the composition of accents: NFC with case folding.
/// Text that is not UTF-8 keeps its bytes; only its ASCII letters become lower case.
[[nodiscard]] std::string folded_name(std::string_view name);

/// How far the ending of an image is from the written one, both in lower case: smaller is better.
[[nodiscard]] int ending_rank(const std::string& written, const std::string& ending);

/// How far a name is from the written one, of which it has the letters: 0 where they are equal, 1 where the
/// accents are composed otherwise, 2 in other letter case.
[[nodiscard]] int spelling_rank(const std::string& written, const std::string& name);

}  // namespace lact
