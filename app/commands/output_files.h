#pragma once

#include "app/document/document.h"
#include "app/runtime/snapshot.h"
#include "engine/core/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace lact::app {

/// NAME-DATE-TIME.EXTENSION with "lactscope-" before it; no extension, no dot.
[[nodiscard]] std::filesystem::path default_name(const std::string& name, const std::string& extension);

/// A path that nothing has: `path`, or with -2, -3, … before its extension.
[[nodiscard]] std::filesystem::path unused(const std::filesystem::path& path);

/// What a command writes, for destination().
struct Output {
    std::string title;                                    ///< Of the dialog: "Save the session".
    std::string command;                                  ///< Id of the command.
    std::string name;                                     ///< Part of the default name: "session".
    std::string extension;                                ///< Without the dot; empty: a folder.
    nlohmann::json arguments = nlohmann::json::object();  ///< Of the command, but for the path.
    std::string argument = "path";                        ///< Of the command, that takes the path.
    std::vector<std::string> other_extensions = {};       ///< That the command accepts, too.
};

/// Where a command writes: the path that it was given; in a script, a default name in the current folder.
/// Empty where a user is there to ask: the Save dialog runs the command again with the chosen path.
[[nodiscard]] std::optional<std::filesystem::path> destination(Document& document,
                                                               const std::optional<std::string>& path,
                                                               Output output);

/// Why nothing on screen can be written now, as a sentence: other photos, another rule or another size are
/// being computed, and a file would name them beside the image and the figures of before. Empty where it can.
[[nodiscard]] std::string why_not_written(const Snapshot& snapshot, const Document& document);

/// Whether the last rendering is from the camera of the document: false while that moves, until its frame is
/// there.
[[nodiscard]] bool is_from_here(const Snapshot& snapshot, const Document& document);

/// Why there is no rendering of the current state and camera to write, as a sentence; empty where there is. A
/// file would name another viewpoint beside it.
[[nodiscard]] std::string why_no_rendering(const Snapshot& snapshot, const Document& document);

/// The provenance of an image or of numbers, as the command line writes it into its files: program, weights,
/// rule, precision, device, scene, inputs. Entries of what is not open are left out. It is that of the
/// rendering where why_not_written() is empty.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> provenance(const Snapshot& snapshot);

/// The index of a photo, checked. Error: the scene has no such photo.
[[nodiscard]] Result<std::size_t> view_index(std::uint64_t index, std::size_t count);

}  // namespace lact::app
