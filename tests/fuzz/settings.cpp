// Settings: app/platform/settings.h. They are never an error, and are equal when they were written and read
// again.
#include "app/platform/settings.h"

#include "engine/core/text_file.h"
#include "tests/fuzz/target.h"

LACT_FUZZ_TARGET(settings) {
    using namespace app;
    const auto folder = scratch().path() / "settings";
    std::filesystem::remove_all(folder);  // Where files are put aside.
    std::filesystem::create_directory(folder);
    const auto file = scratch().file("settings/settings.json", text_of(data, size));
    const Settings first = load_settings(folder).settings;
    if (!save_settings(folder, first)) {
        return 1;
    }
    const auto written = read_text_file(file);
    const LoadedSettings second = load_settings(folder);
    if (!second.notes.empty() || !save_settings(folder, second.settings)) {
        return 1;
    }
    return written && read_text_file(file).value_or("") == *written ? 0 : 1;
}
