#pragma once

#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <sys/stat.h>

namespace lact::app::test {

/// Writes a program of shell commands that can be run.
inline std::filesystem::path write_script(const lact::test::TemporaryFolder& folder, std::string_view name,
                                          const std::string& commands) {
    const std::filesystem::path path = folder.file(name, "#!/bin/sh\n" + commands);
    ::chmod(path.c_str(), 0755);
    return path;
}

/// A folder of 17 photos without poses, and a colmap that prints what COLMAP prints and "finds" a model that
/// COLMAP made of them.
struct StandInColmap {
    lact::test::TemporaryFolder folder;    ///< Of the photos, in its folder "images".
    lact::test::TemporaryFolder programs;  ///< Holds colmap.

    explicit StandInColmap(const std::string& mapper = finds_all()) {
        std::filesystem::copy(std::filesystem::path(LACT_TESTS_DIR) / "data/colmap/images",
                              folder.path() / "images");
        write_script(programs, "colmap",
                     "echo \"$*\" >> " + log().string() + R"sh(
case "$*" in
  *--help) echo "  --SiftExtraction.use_gpu arg (=1)"; echo "  --SiftMatching.use_gpu arg (=1)"
           echo "  --ExhaustiveMatching.block_size arg (=50)"; exit 0;;
  feature_extractor*) cp "$7" )sh" +
                         (programs.path() / "list.txt").string() +
                         R"sh(; for i in 1 2 3 4; do echo "Processed file [$i/4]"; done;;
  *_matcher*) echo "Matching block [1/2, 1/2]"; echo "Matching block [2/2, 2/2]";;
  mapper*) )sh" + mapper +
                         ";;\nesac\n");
    }

    /// What its mapper does: places all photos.
    static std::string finds_all() {
        return "echo \"Registering image #3 (2)\"; echo \"Registering frame #4 (num_reg_frames=9)\"; "
               "cp -r " LACT_TESTS_DIR "/data/colmap/sparse/0 $7";
    }
    /// The same, but that it waits in the middle for a file: see go_on().
    [[nodiscard]] static std::string waits_and_finds_all(const lact::test::TemporaryFolder& signals) {
        return "echo \"Registering image #3 (9)\"; while [ ! -e " + (signals.path() / "go").string() +
               " ]; do sleep 0.01; done; " + finds_all();
    }
    static void go_on(const lact::test::TemporaryFolder& signals) { (void)signals.file("go", ""); }

    [[nodiscard]] std::string search_path() const { return programs.path().string() + ":/bin:/usr/bin"; }
    [[nodiscard]] std::filesystem::path log() const { return programs.path() / "calls.txt"; }
    /// The arguments it was called with, a line each.
    [[nodiscard]] std::string calls() const {
        std::ifstream file(log());
        return {std::istreambuf_iterator<char>(file), {}};
    }
};

}  // namespace lact::app::test
