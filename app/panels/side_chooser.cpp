#include "app/panels/side_chooser.h"

#include "app/cli/assets.h"
#include "app/core/compare_side.h"
#include "app/core/log.h"
#include "app/core/open_dispatch.h"
#include "app/core/parameters.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <imgui_stdlib.h>

namespace lact::app {
namespace {

constexpr std::array<std::pair<SideKind, const char*>, 4> kinds{{{SideKind::model, "what a model renders"},
                                                                 {SideKind::photo, "the photo taken here"},
                                                                 {SideKind::truth, "ground truth"},
                                                                 {SideKind::captured, "kept picture"}}};

std::string file_name(const std::string& path) {
    return std::filesystem::path(path).filename().string();
}

}  // namespace

void SideChooser::choose(const SideSpec& spec) {
    if (const auto set = services_.parameters->set(parameter_, format(spec)); !set) {
        services_.log->add(set.error());
    }
}

void SideChooser::draw(window::PanelContext& context, const char* name, bool open) {
    const SideSpec spec = services_.view->compare.*side_;
    ImGui::PushID(parameter_.c_str());
    const std::string header = fmt::format("{}   {}###side", name, format(spec));
    const bool unfolded = ImGui::CollapsingHeader(
        header.c_str(), open ? ImGuiTreeNodeFlags_DefaultOpen : ImGuiTreeNodeFlags_None);
    if (unfolded && window::begin_rows("side")) {
        draw_kind(context, spec);
        if (spec.kind == SideKind::model) {
            draw_rule(context, spec);
            draw_weights(context, spec);
            draw_views(context, spec);
            draw_precision(context, spec);
        }
        draw_text(context, spec);
        window::end_rows();
    }
    ImGui::PopID();
}

void SideChooser::draw_kind(window::PanelContext& context, const SideSpec& spec) {
    window::row_label(context, "Shows", "What this side is a picture of.");
    const auto now =
        std::find_if(kinds.begin(), kinds.end(), [&](const auto& one) { return one.first == spec.kind; });
    if (!ImGui::BeginCombo("##kind", now->second)) {
        return;
    }
    const SceneSummary* scene = services_.published->scene.get();
    for (const auto& [kind, title] : kinds) {
        std::string missing;
        if (kind == SideKind::truth) {
            missing = scene == nullptr ? "there is no scene yet"
                                       : why_no_truth(scene->origin, scene->name, scene->size);
        } else if (kind == SideKind::captured && !services_.view->compare.captured) {
            missing = "no picture was kept yet: press K";
        }
        ImGui::BeginDisabled(!missing.empty());
        if (ImGui::Selectable(title, kind == spec.kind)) {
            SideSpec wanted;
            wanted.kind = kind;
            choose(wanted);
        }
        ImGui::EndDisabled();
        window::tip(context, "", missing.empty() ? missing : fmt::format("Not here: {}.", missing));
    }
    ImGui::EndCombo();
}

void SideChooser::draw_rule(window::PanelContext& context, const SideSpec& spec) {
    window::row_label(
        context, "Rule",
        "Another update rule for the same photos. Unless its weights were trained with it, it is "
        "only switched at inference. Rules beyond the presets: as text, below.");
    const std::string now = spec.rule ? lact::format(*spec.rule) : spec.weights ? "as trained" : "as it is";
    if (!ImGui::BeginCombo("##rule", now.c_str())) {
        return;
    }
    SideSpec wanted = spec;
    wanted.rule.reset();
    wanted.rule_names_precision = false;
    if (ImGui::Selectable(spec.weights ? "as trained" : "as it is", !spec.rule)) {
        choose(wanted);
    }
    for (const RulePreset& preset : rule_presets()) {
        const std::string title = fmt::format("{}  ({})", preset.name, preset.paper);
        if (ImGui::Selectable(title.c_str(), spec.rule == preset.rule)) {
            wanted.rule = preset.rule;
            choose(wanted);
        }
    }
    ImGui::EndCombo();
}

void SideChooser::draw_weights(window::PanelContext& context, const SideSpec& spec) {
    window::row_label(
        context, "Weights",
        "Another weight file, with the rule it was trained with unless one is chosen. Those that come with "
        "the program and those opened before are listed; any other: as text, below (weights=PATH).");
    const std::string now = spec.weights ? file_name(*spec.weights) : "as they are";
    if (!ImGui::BeginCombo("##weights", now.c_str())) {
        return;
    }
    SideSpec wanted = spec;
    wanted.weights.reset();
    if (ImGui::Selectable("as they are", !spec.weights)) {
        choose(wanted);
    }
    for (const std::string& path : offered_weights()) {
        if (ImGui::Selectable(file_name(path).c_str(), spec.weights == path)) {
            wanted.weights = path;
            choose(wanted);
        }
        window::tip(context, path);
    }
    ImGui::EndCombo();
}

std::vector<std::string> SideChooser::offered_weights() const {
    std::vector<std::string> paths;
    if (const auto folder = find_asset("weights")) {
        std::error_code ignored;
        std::filesystem::directory_iterator entry(*folder, ignored);
        for (; !ignored && entry != std::filesystem::directory_iterator(); entry.increment(ignored)) {
            if (entry->path().extension() == ".safetensors") {
                paths.push_back(entry->path().string());
            }
        }
    }
    std::ranges::sort(paths);
    for (const std::string& path : *recent_) {
        if (dispatch_path(path).kind == OpenKind::weights && std::ranges::find(paths, path) == paths.end()) {
            paths.push_back(path);
        }
    }
    return paths;
}

void SideChooser::draw_views(window::PanelContext& context, const SideSpec& spec) {
    window::row_label(
        context, "Input views",
        "How many photos this side is given, spread as far as they go. 0: as it is. Certain ones: "
        "as text, below (views=0,8,28).");
    const SceneSummary* scene = services_.published->scene.get();
    const int most = scene == nullptr ? 1 : static_cast<int>(scene->views.size());
    int count = spec.view_count ? static_cast<int>(*spec.view_count) : 0;
    const std::string shown = spec.views        ? fmt::format("{} chosen", spec.views->size())
                              : spec.view_count ? "%d"
                                                : "as it is";
    if (ImGui::SliderInt("##views", &count, 0, most, shown.c_str(), ImGuiSliderFlags_AlwaysClamp)) {
        SideSpec wanted = spec;
        wanted.views.reset();
        wanted.view_count.reset();
        if (count > 0) {
            wanted.view_count = static_cast<std::size_t>(count);
        }
        choose(wanted);
    }
}

void SideChooser::draw_precision(window::PanelContext& context, const SideSpec& spec) {
    window::row_label(context, "Precision", "fp32 is the reference; bf16 rounds what is multiplied.");
    const std::string now = spec.precision ? std::string(to_string(*spec.precision)) : "as it is";
    if (!ImGui::BeginCombo("##precision", now.c_str())) {
        return;
    }
    SideSpec wanted = spec;
    wanted.precision.reset();
    if (ImGui::Selectable("as it is", !spec.precision)) {
        choose(wanted);
    }
    for (const Precision precision : {Precision::fp32, Precision::bf16}) {
        if (ImGui::Selectable(std::string(to_string(precision)).c_str(), spec.precision == precision)) {
            wanted.precision = precision;
            choose(wanted);
        }
    }
    ImGui::EndCombo();
}

void SideChooser::draw_text(window::PanelContext& context, const SideSpec& spec) {
    window::row_label(context, "As text",
                      services_.parameters->find(parameter_)->tooltip +
                          " The same words as in `lactscope compare`. Enter takes it.");
    const std::string now = format(spec);
    if (typed_for_ != now) {
        problem_.clear();
    }
    if (!typing_ && problem_.empty()) {
        typed_ = now;
    }
    ImGui::PushFont(context.fonts.mono, 0);
    const bool entered = ImGui::InputText("##text", &typed_, ImGuiInputTextFlags_EnterReturnsTrue);
    ImGui::PopFont();
    typing_ = ImGui::IsItemActive();
    if (entered) {
        // What is wrong stays to be put right, with why; nothing typed is what there was.
        const auto set = typed_.empty() ? Result<void>() : services_.parameters->set(parameter_, typed_);
        problem_ = set ? std::string() : set.error().message();
        typed_for_ = format(services_.view->compare.*side_);
    }
    if (!problem_.empty()) {
        ImGui::PushStyleColor(ImGuiCol_Text, context.colours.warning);
        ImGui::TextWrapped("%s", problem_.c_str());
        ImGui::PopStyleColor();
    }
}

}  // namespace lact::app
