#pragma once

#include <filesystem>
#include <fstream>
#include <string_view>

#include <unistd.h>

namespace lact::test {

/// A fresh folder for one test, removed with everything in it when it goes out of scope.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "lact_test_XXXXXX").string();
        if (::mkdtemp(pattern.data()) != nullptr) {
            path_ = pattern;
        }
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Writes `bytes` to a file of the folder and returns its path.
    [[nodiscard]] std::filesystem::path file(std::string_view name, std::string_view bytes) const {
        auto path = path_ / name;
        std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return path;
    }

  private:
    std::filesystem::path path_;
};

}  // namespace lact::test
