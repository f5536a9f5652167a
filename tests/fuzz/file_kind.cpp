// What a file is by its bytes: engine/core/file_kind.h. The first byte chooses the ending of the name.
#include "engine/core/file_kind.h"

#include "tests/fuzz/target.h"

#include <array>

LACT_FUZZ_TARGET(file_kind) {
    constexpr std::array names{"a", "a.splat", "a.ksplat", "a.spz", "a.dng", "a.json", "a.png", "a.obj"};
    constexpr std::array uses{FileUse::weights,       FileUse::photo,     FileUse::text,
                              FileUse::colmap_binary, FileUse::recording, FileUse::anything};
    if (size == 0) {
        return 0;
    }
    const auto path = scratch().file(names.at(data[0] % names.size()), text_of(data + 1, size - 1));
    const FileFinding found = sniff_file(path);
    int bad = to_string(found.kind).empty() || found.is.empty() != (found.kind == FileKind::unknown) ? 1 : 0;
    for (const FileUse use : uses) {
        bad += refused_file(path, use, {"is refused", "", "", false}).message().empty() ? 1 : 0;
    }
    return bad;
}
