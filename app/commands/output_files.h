#pragma once

#include "app/runtime/snapshot.h"
#include "engine/core/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lact::app {

/// `path`, or lactscope-NAME-DATE-TIME.EXTENSION in the current folder; no extension, no dot.
[[nodiscard]] std::filesystem::path output_path(const std::optional<std::string>& path,
                                                const std::string& name, const std::string& extension);

/// The provenance of an image or of numbers, as the command line writes it into its files: program, weights,
/// rule, precision, device, scene, inputs. Entries of what is not open are left out.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> provenance(const Snapshot& snapshot);

/// The index of a photo, checked. Error: the scene has no such photo.
[[nodiscard]] Result<std::size_t> view_index(std::uint64_t index, std::size_t count);

}  // namespace lact::app
