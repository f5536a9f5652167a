#include "app/ui/side_chooser.h"

#include "app/commands/parameter_table.h"
#include "app/compare/compare_table.h"
#include "app/compare/side.h"
#include "app/document/open_target.h"
#include "app/platform/assets.h"
#include "app/runtime/log.h"
#include "app/ui/rule_panel.h"
#include "app/ui/widgets.h"
#include "engine/core/printable.h"
#include "engine/ttt/rule_schema.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <imgui_stdlib.h>

namespace lact::app {

namespace {

constexpr std::array<std::pair<SideKind, const char*>, 4> kinds{{{SideKind::model, "rendering of a model"},
                                                                 {SideKind::photo, "photo from this camera"},
                                                                 {SideKind::ground_truth, "ground truth"},
                                                                 {SideKind::captured, "frozen image"}}};

/// The name of a weight file; of weights in the folder of those trained with each rule, "rules/variant1".
std::string file_name(const std::string& path) {
    const std::filesystem::path file(path);
    const std::filesystem::path folder = file.parent_path();
    return folder.filename() == "rules" && folder.parent_path().filename() == "weights"
               ? printable_line("rules/" + file.stem().string())
               : printable_line(file.filename().string());
}

/// The name of a weight file in a list; with its folder where another file of the list has the same name.
std::string name_among(const std::vector<std::string>& paths, const std::string& path) {
    const std::string name = file_name(path);
    const bool another = std::ranges::any_of(
        paths, [&](const std::string& other) { return other != path && file_name(other) == name; });
    const std::string folder = std::filesystem::path(path).parent_path().filename().string();
    return another ? printable_line(folder + "/") + name : name;
}

void add_weights_in(const std::filesystem::path& folder, std::vector<std::string>& paths) {
    std::error_code ignored;
    std::filesystem::directory_iterator entry(folder, ignored);
    for (; !ignored && entry != std::filesystem::directory_iterator(); entry.increment(ignored)) {
        if (entry->path().extension() == ".safetensors") {
            paths.push_back(entry->path().string());
        }
    }
}

/// The side with the number of views that it has: fewer than requested where some are reserved for tests.
SideSpec with_used_views(SideSpec spec, const SideInfo* info) {
    if (spec.view_count && info != nullptr && info->spec == format(spec)) {
        spec.view_count = info->inputs.size();
    }
    return spec;
}

}  // namespace

void SideChooser::choose(const SideSpec& spec) {
    if (const auto set = services_.dispatch->parameters().set(parameter_, format(spec)); !set) {
        services_.dispatch->report(set);
    }
}

void SideChooser::draw(PanelContext& context, const char* name, bool open) {
    const SideSpec spec = services_.document->compare.*side_;
    ImGui::PushID(parameter_.c_str());
    const auto& table = services_.snapshot->table;
    const SideInfo* info = !table ? nullptr : side_ == &CompareState::a ? &table->a : &table->b;
    const std::string header = fmt::format("{}   {}###side", name, side_words(with_used_views(spec, info)));
    const bool unfolded = ImGui::CollapsingHeader(
        header.c_str(), open ? ImGuiTreeNodeFlags_DefaultOpen : ImGuiTreeNodeFlags_None);
    if (unfolded && begin_rows("side")) {
        draw_kind(context, spec);
        if (spec.kind == SideKind::model) {
            draw_rule(context, spec);
            if (spec.rule) {
                draw_switches(context, spec);
            }
            draw_weights(context, spec);
            draw_views(context, spec);
            draw_precision(context, spec);
            draw_form(context, spec);
        }
        draw_text(context, spec);
        end_rows();
    }
    ImGui::PopID();
}

void SideChooser::draw_kind(PanelContext& context, const SideSpec& spec) {
    row_label(context, "Shows", "The content of this side.");
    const auto now =
        std::find_if(kinds.begin(), kinds.end(), [&](const auto& one) { return one.first == spec.kind; });
    if (!ImGui::BeginCombo("##kind", now->second)) {
        return;
    }
    const SceneSummary* scene = services_.snapshot->scene.get();
    for (const auto& [kind, title] : kinds) {
        std::string missing;
        if (kind == SideKind::ground_truth) {
            missing = scene == nullptr ? "no scene is open"
                                       : why_no_ground_truth(scene->origin, scene->name, scene->size);
        } else if (kind == SideKind::captured && !services_.document->compare.captured) {
            missing = "no image is frozen; K freezes the current one";
        }
        ImGui::BeginDisabled(!missing.empty());
        if (ImGui::Selectable(title, kind == spec.kind)) {
            SideSpec requested;
            requested.kind = kind;
            choose(requested);
        }
        ImGui::EndDisabled();
        tip(context, "", missing.empty() ? missing : fmt::format("Not available: {}.", missing));
    }
    ImGui::EndCombo();
}

void SideChooser::draw_rule(PanelContext& context, const SideSpec& spec) {
    row_label(
        context, "Rule",
        "The update rule of this side. It is switched at inference unless the weights were trained with "
        "it. The next row has the switches of the selected rule.");
    const std::string now = spec.rule ? rule_label(*spec.rule) : spec.weights ? "as trained" : "current";
    if (!ImGui::BeginCombo("##rule", now.c_str())) {
        return;
    }
    SideSpec requested = spec;
    requested.rule.reset();
    requested.rule_names_precision = false;
    if (ImGui::Selectable(spec.weights ? "as trained" : "current", !spec.rule)) {
        choose(requested);
    }
    for (const RulePreset& preset : rule_presets()) {
        if (ImGui::Selectable(std::string(preset.paper).c_str(), spec.rule == preset.rule)) {
            requested.rule = preset.rule;
            choose(requested);
        }
        tip(context, "As text: rule=" + std::string(preset.name));
    }
    ImGui::EndCombo();
}

void SideChooser::draw_switches(PanelContext& context, const SideSpec& spec) {
    row_label(context, "Switches", "The switches of the rule of this side.");
    if (button(context, "Change...", "Change the switches of the rule of this side.")) {
        ImGui::OpenPopup("switches");
    }
    constexpr float width = 22;  // In text heights.
    ImGui::SetNextWindowSize({ImGui::GetFontSize() * width, 0});
    if (!ImGui::BeginPopup("switches")) {
        return;
    }
    if (begin_rows("switches")) {
        if (const auto change = draw_switch_rows(context, *spec.rule)) {
            SideSpec requested = spec;
            change_switch(*requested.rule, *change->one, change->value);
            // The weights set the Newton-Schulz precision unless the user changes it.
            requested.rule_names_precision |= change->one->parameter == "ns";
            choose(requested);
        }
        end_rows();
    }
    ImGui::EndPopup();
}

void SideChooser::draw_weights(PanelContext& context, const SideSpec& spec) {
    row_label(context, "Weights",
              "The weights of this side, with their trained rule unless a rule is selected. The list has "
              "bundled and recent weights. Enter other files as text below (weights=PATH).");
    const std::string now = spec.weights ? name_among(offered_, *spec.weights) : "current";
    if (!ImGui::BeginCombo("##weights", now.c_str())) {
        return;
    }
    if (ImGui::IsWindowAppearing()) {
        offered_ = offered_weights();  // Once: it reads files.
    }
    SideSpec requested = spec;
    requested.weights.reset();
    if (ImGui::Selectable("current", !spec.weights)) {
        choose(requested);
    }
    for (const std::string& path : offered_) {
        ImGui::PushID(path.c_str());
        if (ImGui::Selectable(name_among(offered_, path).c_str(), spec.weights == path)) {
            requested.weights = path;
            choose(requested);
        }
        tip(context, path);
        ImGui::PopID();
    }
    ImGui::EndCombo();
}

std::vector<std::string> SideChooser::offered_weights() const {
    std::vector<std::string> paths;
    for (const auto& folder : {find_asset("weights"), find_rule_weights()}) {
        if (folder) {
            add_weights_in(*folder, paths);
        }
    }
    std::ranges::sort(paths);
    for (const std::string& path : services_.document->recent) {
        if (dispatch_path(path).kind == OpenKind::weights && std::ranges::find(paths, path) == paths.end()) {
            paths.push_back(path);
        }
    }
    return paths;
}

void SideChooser::draw_views(PanelContext& context, const SideSpec& spec) {
    row_label(context, "Input views",
              "Number of input views of this side, selected far apart. 0: the current ones. Enter indices as "
              "text below (views=0,8,28).");
    const SceneSummary* scene = services_.snapshot->scene.get();
    const int most = scene == nullptr ? 1 : static_cast<int>(scene->views.size());
    int count = spec.view_count ? static_cast<int>(*spec.view_count) : 0;
    const std::string shown = spec.views        ? fmt::format("{} selected", spec.views->size())
                              : spec.view_count ? "%d"
                                                : "current";
    if (ImGui::SliderInt("##views", &count, 0, most, shown.c_str(), ImGuiSliderFlags_AlwaysClamp)) {
        SideSpec requested = spec;
        requested.views.reset();
        requested.view_count.reset();
        if (count > 0) {
            requested.view_count = static_cast<std::size_t>(count);
        }
        choose(requested);
    }
}

void SideChooser::draw_precision(PanelContext& context, const SideSpec& spec) {
    row_label(context, "Precision",
              "fp32 is the reference. bf16 rounds matrix products and what lies between them; the residual "
              "stream, norms, rates and fast weights stay in fp32.");
    const std::string now = spec.precision ? std::string(to_string(*spec.precision)) : "current";
    if (!ImGui::BeginCombo("##precision", now.c_str())) {
        return;
    }
    SideSpec requested = spec;
    requested.precision.reset();
    if (ImGui::Selectable("current", !spec.precision)) {
        choose(requested);
    }
    for (const Precision precision : {Precision::fp32, Precision::bf16}) {
        if (ImGui::Selectable(std::string(to_string(precision)).c_str(), spec.precision == precision)) {
            requested.precision = precision;
            choose(requested);
        }
        if (const auto& weights = services_.snapshot->weights) {
            tip(context, precision_remark(precision, weights->device));
        }
    }
    ImGui::EndCombo();
}

void SideChooser::draw_form(PanelContext& context, const SideSpec& spec) {
    row_label(
        context, "TTT layers",
        "What computes the TTT layers: test-time training, or their linear-attention form alone, which "
        "takes no gradient step and never rounds Newton-Schulz. The images differ by that rounding only.");
    const auto title = [](const std::optional<LayerForm>& form) {
        return form == LayerForm::linear ? "linear attention" : "test-time training";
    };
    if (!ImGui::BeginCombo("##form", title(spec.form))) {
        return;
    }
    SideSpec requested = spec;
    for (const std::optional<LayerForm>& form :
         {std::optional<LayerForm>(), std::optional(LayerForm::linear)}) {
        if (ImGui::Selectable(title(form), title(form) == std::string_view(title(spec.form)))) {
            requested.form = form;
            choose(requested);
        }
    }
    ImGui::EndCombo();
}

void SideChooser::draw_text(PanelContext& context, const SideSpec& spec) {
    row_label(
        context, "As text",
        services_.dispatch->tooltip(parameter_) + " Same syntax as `lactscope compare`. Enter applies it.");
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
        // Invalid text stays, with the reason, until the user corrects it. Empty text changes nothing.
        const auto set =
            typed_.empty() ? Result<void>() : services_.dispatch->parameters().set(parameter_, typed_);
        problem_ = set ? std::string() : set.error().message();
        typed_for_ = format(services_.document->compare.*side_);
    }
    if (!problem_.empty()) {
        ImGui::PushStyleColor(ImGuiCol_Text, context.colours.warning);
        ImGui::TextWrapped("%s", problem_.c_str());
        ImGui::PopStyleColor();
    }
}

}  // namespace lact::app
