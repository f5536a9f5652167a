#pragma once

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <system_error>

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

    /// Names of all that is in it.
    [[nodiscard]] std::set<std::string> names() const { return names_in(path_); }

    /// Names of temporary files and folders (engine/core/output_path.h) for the file or folder `name` in it.
    [[nodiscard]] std::set<std::string> temporaries_of(const std::string& name) const {
        std::set<std::string> found = names();
        std::erase_if(found, [&](const std::string& one) {
            return !one.starts_with("." + name + ".") || !one.ends_with(".part");
        });
        return found;
    }

    [[nodiscard]] static std::set<std::string> names_in(const std::filesystem::path& folder) {
        std::set<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            names.insert(entry.path().filename().string());
        }
        return names;
    }

  private:
    std::filesystem::path path_;
};

}  // namespace lact::test
