#pragma once

#include <optional>
#include <string>
#include <vector>

namespace lact {

/// The parts of a path of either system, without "." and the root or drive; ".." at its beginning alone.
[[nodiscard]] std::vector<std::string> parts_of(const std::string& name);

/// Whether a name is an absolute path of some system: "/a", "C:\a", "\\server\a", "~/a".
[[nodiscard]] bool is_rooted(const std::string& name);

/// The path that a URL of a file means, still percent-encoded: "/a%20b" of "file:///a%20b" and of
/// "file://localhost/a%20b", "C:/a" of "file:///C:/a". Any other text as it is.
[[nodiscard]] std::string path_of_url(const std::string& text);

/// The text with each %XX replaced by the byte that it means; nothing if it has none.
[[nodiscard]] std::optional<std::string> percent_decoded(const std::string& text);

}  // namespace lact
