#pragma once

#include "app/commands/controller.h"
#include "app/commands/parameter_table.h"
#include "engine/core/error.h"

#include <filesystem>
#include <optional>
#include <string>

namespace lact::app {

class EngineService;

/// The comparison: its two sides, how they are shown, and their table over held-out views.
class CompareController : private Controller {
  public:
    CompareController(PanelServices services, EngineService& engine)
        : Controller(services), engine_(&engine) {}

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);
    [[nodiscard]] Result<void> add_parameters(ParameterTable& parameters);
    /// After the panels are drawn: sends the requests that have changed to the engine.
    void send();
    /// The engine has the current requests.
    [[nodiscard]] bool settled() const;

  private:
    [[nodiscard]] Result<void> add_choices(CommandTable& commands);
    [[nodiscard]] Result<void> add_display_parameters(ParameterTable& parameters);
    [[nodiscard]] Result<void> add_table(ParameterTable& parameters);
    /// Compares weights trained with two rules, by the names of their presets.
    [[nodiscard]] Result<void> compare_trained_with(const std::string& a, const std::string& b);
    [[nodiscard]] Result<void> compare_with(const std::string& text);
    [[nodiscard]] Result<void> go_where_both_are_seen();
    [[nodiscard]] std::string why_not_kept() const;
    void keep_image();
    [[nodiscard]] Result<void> add_exports(CommandTable& commands);
    [[nodiscard]] std::string why_no_export() const;
    [[nodiscard]] Result<void> export_table(const std::optional<std::filesystem::path>& chosen);
    [[nodiscard]] Result<void> fix_pixel(const std::string& text);
    [[nodiscard]] bool table_requested() const;
    [[nodiscard]] bool frame_requested() const;

    EngineService* engine_;
    std::optional<CompareRequest> sent_;
    bool sent_table_ = false;
    bool sent_frame_ = false;
};

}  // namespace lact::app
