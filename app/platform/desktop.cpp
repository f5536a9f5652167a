#include "app/platform/desktop.h"

#include "app/platform/child_process.h"

#include <system_error>
#include <thread>

namespace lact::app {

Result<void> show_in_file_manager(const std::filesystem::path& path, const std::string& search_path) {
    std::error_code problem;
    const auto folder = std::filesystem::is_directory(path, problem) ? path : path.parent_path();
    if (!std::filesystem::is_directory(folder, problem)) {
        return fail(folder.string(), "this folder is not there any more");
    }
    const auto opener = find_program("xdg-open", search_path);
    if (!opener) {
        return fail(folder.string(), "this desktop has no xdg-open, which shows folders",
                    "Open the folder in a file manager, or install xdg-utils.");
    }
    std::thread([program = *opener, folder = folder.string()] {
        // A file manager that it starts may outlive this program: it must not write into our pipe.
        (void)run_child(program, {folder}, {});
    }).detach();
    return {};
}

}  // namespace lact::app
