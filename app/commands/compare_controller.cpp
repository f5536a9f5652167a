#include "app/commands/compare_controller.h"

#include "app/commands/command_table.h"
#include "app/commands/output_files.h"
#include "app/commands/parameter_table.h"
#include "app/platform/assets.h"
#include "app/runtime/engine_service.h"
#include "app/runtime/log.h"
#include "engine/core/counted.h"
#include "engine/core/files.h"
#include "engine/core/text_file.h"
#include "engine/ttt/rule_schema.h"

#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

std::string no_image(const Snapshot& snapshot) {
    return snapshot.frame && snapshot.state ? "" : "There is no rendering yet.";
}

std::string ground_truth_is_missing(const Snapshot& snapshot) {
    if (!snapshot.scene) {
        return "there is no scene yet";
    }
    return why_no_ground_truth(snapshot.scene->origin, snapshot.scene->name, snapshot.scene->size);
}

}  // namespace

Result<void> CompareController::compare_with(const std::string& text) {
    LACT_TRY(const SideSpec requested, parse_side_spec(text));
    if (requested.kind == SideKind::captured && !document().compare.captured) {
        return fail("compare", "no image is frozen",
                    "Freeze one first: Compare > Freeze this image as B (K).");
    }
    if (requested.kind == SideKind::ground_truth) {
        if (const std::string why = ground_truth_is_missing(snapshot()); !why.empty()) {
            return fail("compare", why,
                        "Compare with its photos, or generate a scene: Scene > Generate another.");
        }
    }
    document().compare.b = requested;
    document().compare.on = true;
    return {};
}

Result<void> CompareController::compare_trained_with(const std::string& a, const std::string& b) {
    SideSpec left;
    SideSpec right;
    LACT_TRY(const auto of_a, find_rule_weights(a));
    LACT_TRY(const auto of_b, find_rule_weights(b));
    left.weights = of_a.string();
    right.weights = of_b.string();
    document().compare.a = std::move(left);
    document().compare.b = std::move(right);
    document().compare.on = true;
    return {};
}

/// Moves to a camera from which both sides have an image.
Result<void> CompareController::go_where_both_are_seen() {
    const CompareState& compare = document().compare;
    for (const SideSpec* side : {&compare.a, &compare.b}) {
        if (side->kind != SideKind::captured || !snapshot().pair) {
            continue;
        }
        const SideImage& kept = side == &compare.a ? snapshot().pair->a : snapshot().pair->b;
        if (!kept.image && !kept.elsewhere) {
            return fail("compare", kept.why_not);
        }
        if (compare.captured) {
            document().set_viewpoint(go_to(document().viewpoint(), compare.captured->frame->camera));
            return {};
        }
    }
    const SceneSummary& scene = *snapshot().scene;
    if (!scene.held_out().empty()) {
        return services_.dispatch->commands().run(NextHeldOut{});
    }
    // Every photo is an input: from these there is no fair comparison, but both sides have an image.
    std::vector<Camera> cameras;
    for (const ViewSummary& view : scene.views) {
        cameras.push_back(view.camera);
    }
    const Viewpoint& here = document().viewpoint();
    if (const auto nearest = nearest_camera(cameras, here.camera(scene.size), here.scale)) {
        return services_.dispatch->commands().run(GoToView{nearest->index});
    }
    return fail("compare", "the scene has no photos");
}

/// A table of other sides than those that are chosen is not exported, nor an unfinished one: its means would
/// be over some of the views only. One that was stopped is: its file says how many views are missing.
std::string CompareController::why_no_export() const {
    const CompareState& compare = document().compare;
    if (compare.on && (snapshot().sides_pending || sent_ != compare.request())) {
        return "The sides are still being made: wait for their table.";
    }
    if (std::string why = why_not_written(snapshot(), document()); !why.empty()) {
        return why;
    }
    const auto& table = snapshot().table;
    if (table && table->of == 0) {
        return "There is no table: no photo is held out of both sides.";
    }
    if (!table || (table->rows.empty() && !table_requested())) {
        return "There is no table: compare, and open the Compare panel.";
    }
    if (table->rows.size() >= table->of) {
        return {};
    }
    const bool stopped = engine_->table_stopped();
    if (stopped && !table->rows.empty()) {
        return {};
    }
    return fmt::format("{} of {} computed: {}.", table->rows.size(),
                       counted(table->of, "view is", "views are"),
                       !table_requested() ? "open the Compare panel and tick \"Compute\" for the rest"
                       : stopped          ? "untick and tick \"Compute\" in the Compare panel to try again"
                                          : "wait for the rest");
}

Result<void> CompareController::export_table(const std::optional<std::filesystem::path>& chosen) {
    if (!chosen) {
        return {};  // The user is asked.
    }
    const std::filesystem::path& path = *chosen;
    const CompareTable& table = *snapshot().table;
    if (path.extension() != ".csv" && path.extension() != ".json") {
        return fail(path.string(), "is neither .csv nor .json", "Name the file NAME.csv or NAME.json.");
    }
    std::string text;
    if (path.extension() == ".json") {
        nlohmann::json json = to_json(table);
        json["program"] = "LaCT Scope " LACT_VERSION;
        json["scene"] = snapshot().scene->name;
        json["size"] = {snapshot().scene->size.width, snapshot().scene->size.height};
        text = dump_json(json, 2) + "\n";
    } else {
        text = to_csv(table, snapshot().scene->name, snapshot().scene->size);
    }
    LACT_CHECK(write_file_atomically(path, text));
    const std::string views = table.rows.size() < table.of
                                  ? fmt::format("{} of {} (the rest was not computed)", table.rows.size(),
                                                counted(table.of, "view"))
                                  : counted(table.rows.size(), "view");
    services_.dispatch->log().wrote("saved the table of " + views, path);
    return {};
}

std::string CompareController::why_not_kept() const {
    if (const std::string why = no_image(snapshot()); !why.empty()) {
        return why;
    }
    const bool current =
        snapshot().frame->generation == snapshot().state->generation && is_from_here(snapshot(), document());
    return current ? ""
                   : "The rendering of this camera is still being computed, or has failed: the Status panel "
                     "says so. Freeze it when it is there.";
}

void CompareController::keep_image() {
    const StateSummary& state = *snapshot().state;
    const Frame& frame = *snapshot().frame;
    const SceneSummary& scene = *snapshot().scene;
    Captured captured;
    captured.frame = snapshot().frame;
    captured.scene = scene.sequence;
    captured.scene_name = scene.name;
    captured.label = fmt::format(
        "{}, {}, {}{}, {}, {}, {}x{}", scene.name, snapshot().weights->name, rule_label(state.rule),
        state.rule_switched ? " (switched at inference)" : "", to_string(snapshot().weights->precision),
        counted(state.input_views, "view"), frame.camera.width, frame.camera.height);
    CompareState& compare = document().compare;
    compare.captured = std::make_shared<const Captured>(std::move(captured));
    compare.b = {};
    compare.b.kind = SideKind::captured;
    compare.on = true;
}

Result<void> CompareController::add_commands(CommandTable& commands) {
    const auto needs_frame = [this] { return no_image(snapshot()); };
    LACT_CHECK(commands.add<ToggleCompare>(
        {"Compare on / off", "C",
         "Show two sides, A and B: rules, weights, photos, the ground truth, a frozen image.", "Compare"},
        needs_frame, [this] {
            document().compare.on = !document().compare.on;
            if (document().compare.on) {
                services_.dispatch->run(ShowPanel{"Compare"});
            }
        }));
    LACT_CHECK(commands.add<NextCompareMode>(
        {"Next compare mode", "M", "Wipe, side by side, difference, error, flip.", "Compare"}, {}, [this] {
            CompareState& compare = document().compare;
            const auto next = (static_cast<std::size_t>(compare.mode) + 1) % compare_mode_names.size();
            compare.mode = static_cast<CompareMode>(next);
            compare.on = true;
        }));
    LACT_CHECK(commands.add<FlipSides>(
        {"Flip between A and B", "X", "Show B in place of A, and A again: only differences move.", "Compare"},
        needs_frame, [this] {
            CompareState& compare = document().compare;
            const bool flipping = compare.on && compare.mode == CompareMode::flip;
            compare.shows_b = !flipping || !compare.shows_b;
            compare.blink = false;
            compare.mode = CompareMode::flip;
            compare.on = true;
        }));
    LACT_CHECK(commands.add<SwapSides>({"Swap A and B", "Shift+X", "Exchange the two sides.", "Compare"}, {},
                                       [this] { std::swap(document().compare.a, document().compare.b); }));
    LACT_CHECK(commands.add<KeepRendering>(
        {"Freeze this image as B", "K",
         "Freeze the current rendering as B, to see the effect of another rule or other photos.", "Compare"},
        [this] { return why_not_kept(); }, [this] { keep_image(); }));
    LACT_CHECK(add_choices(commands));
    return add_exports(commands);
}

Result<void> CompareController::add_choices(CommandTable& commands) {
    const auto needs_frame = [this] { return no_image(snapshot()); };
    const auto with = [this](const char* side) { return [this, side] { return compare_with(side); }; };
    LACT_CHECK(commands.add<CompareWithPhoto>(
        {"Against the photo", "", "B is the photo of the current camera, where there is one.", "Compare"},
        needs_frame, with("photo")));
    LACT_CHECK(commands.add<CompareWithGroundTruth>(
        {"Against the ground truth", "",
         "B is the ground truth of the generated scene at the current camera.", "Compare"},
        [this] {
            const std::string why = ground_truth_is_missing(snapshot());
            return why.empty() ? why : fmt::format("Not here: {}.", why);
        },
        with("ground-truth")));
    LACT_CHECK(commands.add<CompareWithAscent>(
        {"Against gradient ascent", "", "B runs the same weights with gradient ascent.", "Compare"},
        needs_frame, with("rule=ascent")));
    LACT_CHECK(commands.add<CompareWithLinearAttention>(
        {"Against linear attention alone", "",
         "B computes every TTT layer by its linear-attention form. The same image, up to the rounding of "
         "Newton-Schulz and, in bf16, of the matrix products.",
         "Compare"},
        needs_frame, with("form=linear")));
    LACT_CHECK(commands.add<CompareWithFourViews>(
        {"Against four photos", "", "B has four input views.", "Compare"}, needs_frame, with("views=4")));
    LACT_CHECK(commands.add<CompareWithBf16>(
        {"Against bf16", "", "B rounds matrix products, and what lies between them, to bf16.", "Compare"},
        [this, needs_frame]() -> std::string {
            const bool already = snapshot().weights && snapshot().weights->precision == Precision::bf16;
            return already ? "The rendering is in bf16 already." : needs_frame();
        },
        with("precision=bf16")));
    LACT_CHECK(commands.add<CompareTrainedWith>(
        {"Trained with two rules", "",
         "A and B are weights of the same small model that were trained with different rules: the baseline "
         "and "
         "linear attention (Variant 6). Each side can be changed.",
         "Compare"},
        [this] {
            return !find_rule_weights()
                       ? std::string("Weights trained with each rule do not come with this version.")
                       : no_image(snapshot());
        },
        [this](const CompareTrainedWith& given) {
            return compare_trained_with(given.a.value_or("baseline"), given.b.value_or("variant6"));
        }));
    LACT_CHECK(
        commands.add<CompareWith>({"Compare with", "", "Set side B as text, and compare.", "Compare"}, {},
                                  [this](const CompareWith& other) { return compare_with(other.side); }));
    return commands.add<GoWhereBothAreSeen>(
        {"Go where both sides have an image", "",
         "Move to the camera of the next held-out photo, or of the frozen image.", "Compare"},
        needs_frame, [this] { return go_where_both_are_seen(); });
}

Result<void> CompareController::add_exports(CommandTable& commands) {
    const auto why_not = [this] { return why_no_export(); };
    LACT_CHECK(commands.add<ExportComparison>(
        {"Save the table", "",
         "Save the table over the held-out views as CSV, after lines with # that say what the sides are, or "
         "as "
         "JSON where the file name ends in .json.",
         "Compare"},
        why_not, [this](const ExportComparison& to) {
            return export_table(destination(
                document(), to.path,
                {"Save the table", ExportComparison::id, "compare", "csv", {}, "path", {"json"}}));
        }));
    return commands.add<ExportComparisonJson>(
        {"Save the table as JSON", "",
         "Save the table over the held-out views as JSON, with the weights, rule and inputs of each side.",
         "Compare"},
        why_not, [this](const ExportComparisonJson& to) {
            return export_table(destination(document(), to.path,
                                            {"Save the table", ExportComparisonJson::id, "compare", "json"}));
        });
}

bool CompareController::table_requested() const {
    const CompareState& compare = document().compare;
    return compare.on && compare.table && compare.table_seen;
}

/// Where neither side is what is open, saved renderings and other panels still need its frame. It is rendered
/// where the camera rests, so that a moving camera costs two renderings and not three.
bool CompareController::frame_requested() const {
    return document().compare.on && document().rested.has_value();
}

void CompareController::send() {
    auto request = document().compare.request();
    if (request != sent_) {
        sent_ = request;
        engine_->compare(std::move(request));
    }
    if (sent_table_ != table_requested()) {
        sent_table_ = table_requested();
        engine_->request_table(sent_table_);
    }
    if (sent_frame_ != frame_requested()) {
        sent_frame_ = frame_requested();
        engine_->request_frame(sent_frame_);
    }
}

bool CompareController::settled() const {
    return sent_ == document().compare.request() && sent_frame_ == frame_requested();
}

Result<void> CompareController::fix_pixel(const std::string& text) {
    if (text.empty()) {
        document().compare.pixel.reset();
        return {};
    }
    std::array<int, 2> at{};
    int used = 0;
    if (std::sscanf(text.c_str(), "%d,%d%n", &at[0], &at[1], &used) != 2 ||  // NOLINT: checked
        static_cast<std::size_t>(used) != text.size() || at[0] < 0 || at[1] < 0) {
        return fail("compare.pixel", "\"" + text + "\" is not a pixel", "Give x,y from 0: 12,40.");
    }
    document().compare.pixel = at;
    return {};
}

Result<void> CompareController::add_parameters(ParameterTable& parameters) {
    const auto side = [&](const char* id, const char* title, const char* tooltip,
                          SideSpec CompareState::*member, const char* initial) {
        return parameters.add({id, title, "Compare", tooltip, Effect::opens, always(FreeText{}), initial,
                               [this, member] { return ParameterValue(format(document().compare.*member)); },
                               [this, member](const ParameterValue& value) -> Result<void> {
                                   // Whether it can be shown depends on what is open: SideImage::why_not
                                   // tells.
                                   LACT_TRY(document().compare.*member,
                                            parse_side_spec(value.get<std::string>()));
                                   return {};
                               }});
    };
    LACT_CHECK(side("compare.a", "A",
                    "The left side: current, photo, ground-truth, captured, or any of rule=..., "
                    "weights=..., views=..., precision=..., form=linear with commas between them.",
                    &CompareState::a, "current"));
    LACT_CHECK(side("compare.b", "B", "The right side, written like A.", &CompareState::b, "views=4"));
    LACT_CHECK(parameters.add(
        {"compare.pixel", "Pixel", "Compare",
         "The pixel whose values are written under the image, as x,y at the model's size; "
         "empty: the one under the pointer.",
         Effect::shows, always(FreeText{}), "",
         [this] {
             const auto& pixel = document().compare.pixel;
             return ParameterValue(pixel ? fmt::format("{},{}", (*pixel)[0], (*pixel)[1]) : std::string());
         },
         [this](const ParameterValue& value) { return fix_pixel(value.get<std::string>()); }}));
    LACT_CHECK(add_display_parameters(parameters));
    return add_table(parameters);
}

Result<void> CompareController::add_display_parameters(ParameterTable& parameters) {
    const AddParameter add{parameters};
    LACT_CHECK(add(
        "compare.on", "Compare", "Compare", "Show two sides instead of the rendering alone.", Effect::shows,
        always(Switch{}), false, [this] { return ParameterValue(document().compare.on); },
        [this](const ParameterValue& value) { document().compare.on = value.get<bool>(); }));
    LACT_CHECK(add(
        "compare.mode", "Mode", "Compare",
        "Wipe with a divider to drag, side by side, signed difference, absolute error, or flip: one side in "
        "place of the other.",
        Effect::shows, always(Choices{{compare_mode_names.begin(), compare_mode_names.end()}}), "wipe",
        [this] { return ParameterValue(std::string(to_string(document().compare.mode))); },
        [this](const ParameterValue& value) {
            document().compare.mode =
                parse_compare_mode(value.get<std::string>()).value_or(CompareMode::wipe);
        }));
    LACT_CHECK(add(
        "compare.divider", "Divider", "Compare", "Share of the image width that shows A in a wipe, 0 to 1.",
        Effect::shows, always(Numbers{0, 1}), 0.5,
        [this] { return ParameterValue(document().compare.divider); },
        [this](const ParameterValue& value) { document().compare.divider = value.get<double>(); }));
    LACT_CHECK(add(
        "compare.amplify", "Amplify", "Compare",
        "Differences of 1 / this number take the last colour of the colour bar.", Effect::shows,
        always(Numbers{0.5, 100}), default_amplify,
        [this] { return ParameterValue(document().compare.amplify); },
        [this](const ParameterValue& value) { document().compare.amplify = value.get<double>(); }));
    LACT_CHECK(add(
        "compare.shown", "Shown", "Compare", "The visible side in flip mode.", Effect::shows,
        always(Choices{{"A", "B"}}), "A",
        [this] { return ParameterValue(document().compare.shows_b ? "B" : "A"); },
        [this](const ParameterValue& value) {
            document().compare.shows_b = value.get<std::string>() == "B";
        }));
    return add(
        "compare.blink", "Blink", "Compare", "In flip mode, show A and B in turn.", Effect::shows,
        always(Switch{}), false, [this] { return ParameterValue(document().compare.blink); },
        [this](const ParameterValue& value) { document().compare.blink = value.get<bool>(); });
}

Result<void> CompareController::add_table(ParameterTable& parameters) {
    const AddParameter add{parameters};
    LACT_CHECK(add(
        "compare.table", "Table", "Compare",
        "Compute the figures of all held-out views while the Compare panel is visible. Off and on "
        "again: rows that were cancelled or failed are computed.",
        Effect::shows, always(Switch{}), true, [this] { return ParameterValue(document().compare.table); },
        [this](const ParameterValue& value) { document().compare.table = value.get<bool>(); }));
    Choices columns{{"view"}};
    for (const CompareColumn& column : compare_columns) {
        columns.names.emplace_back(column.name);
    }
    LACT_CHECK(add(
        "compare.sort", "Sorted by", "Compare", "The column the table is sorted by.", Effect::shows,
        always(columns), "view", [this] { return ParameterValue(document().compare.sort); },
        [this](const ParameterValue& value) { document().compare.sort = value.get<std::string>(); }));
    return add(
        "compare.descending", "Descending", "Compare", "The largest first.", Effect::shows, always(Switch{}),
        false, [this] { return ParameterValue(document().compare.descending); },
        [this](const ParameterValue& value) { document().compare.descending = value.get<bool>(); });
}

}  // namespace lact::app
