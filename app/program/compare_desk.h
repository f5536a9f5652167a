#pragma once

#include "app/core/parameters.h"
#include "app/program/desk.h"
#include "engine/core/error.h"

#include <filesystem>
#include <optional>
#include <string>

namespace lact::app {

class EngineThread;

/// Comparing: which two sides, how they are shown, their table.
class CompareDesk : private Desk {
  public:
    CompareDesk(PanelServices services, EngineThread& engine) : Desk(services), engine_(&engine) {}

    [[nodiscard]] Result<void> add_actions(ActionTable& actions);
    [[nodiscard]] Result<void> add_parameters(ParameterTable& parameters);
    /// After the panels were drawn: tells the engine what is wanted now.
    void send();
    /// The engine knows what is wanted.
    [[nodiscard]] bool settled() const;

  private:
    [[nodiscard]] Result<void> add_choices(ActionTable& actions);
    [[nodiscard]] Result<void> add_look(ParameterTable& parameters);
    [[nodiscard]] Result<void> add_table(ParameterTable& parameters);
    [[nodiscard]] Result<void> compare_with(const std::string& text);
    [[nodiscard]] Result<void> stand_where_both_are_seen();
    [[nodiscard]] Result<void> keep_picture();
    [[nodiscard]] Result<void> add_exports(ActionTable& actions);
    [[nodiscard]] std::string why_no_export() const;
    [[nodiscard]] Result<void> export_table(const std::filesystem::path& path);
    [[nodiscard]] Result<void> fix_pixel(const std::string& text);
    [[nodiscard]] bool wants_table() const;
    [[nodiscard]] bool wants_frame() const;

    EngineThread* engine_;
    std::optional<CompareWish> sent_;
    bool sent_table_ = false;
    bool sent_frame_ = false;
};

}  // namespace lact::app
