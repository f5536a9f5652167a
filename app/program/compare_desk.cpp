// The Compare menu: what is compared, and how it is shown.
#include "app/program/compare_desk.h"

#include "app/core/actions.h"
#include "app/core/engine_thread.h"
#include "app/core/log.h"
#include "app/program/output_files.h"
#include "engine/core/files.h"

#include <algorithm>

#include <fmt/format.h>

namespace lact::app {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Adds to the Compare menu.
struct AddAction {
    ActionTable& table;

    [[nodiscard]] Result<void> operator()(const char* id, const char* title, const char* key,
                                          const char* tooltip, std::function<std::string()> disabled_because,
                                          std::function<Result<void>(const Json&)> run,
                                          std::vector<ActionArgument> arguments = {}) const {
        return table.add({id, title, key, tooltip, "Compare", std::move(arguments),
                          std::move(disabled_because), std::move(run)});
    }
};

std::string no_picture(const Published& published) {
    return published.frame && published.state ? "" : "There is no picture yet.";
}

std::string truth_is_missing(const Published& published) {
    if (!published.scene) {
        return "there is no scene yet";
    }
    return why_no_truth(published.scene->origin, published.scene->name, published.scene->size);
}

}  // namespace

Result<void> CompareDesk::compare_with(const std::string& text) {
    LACT_TRY(const SideSpec wanted, parse_side_spec(text));
    if (wanted.kind == SideKind::captured && !view().compare.captured) {
        return fail("compare", "no picture was kept",
                    "Keep one first: Compare > Keep this picture as B (K).");
    }
    if (wanted.kind == SideKind::truth) {
        if (const std::string why = truth_is_missing(published()); !why.empty()) {
            return fail("compare", why,
                        "Compare with its photos, or generate a scene: Scene > Generate another.");
        }
    }
    view().compare.b = wanted;
    view().compare.on = true;
    return {};
}

/// A camera from which the side that shows nothing here shows something.
Result<void> CompareDesk::stand_where_both_are_seen() {
    const CompareState& compare = view().compare;
    for (const SideSpec* side : {&compare.a, &compare.b}) {
        if (side->kind != SideKind::captured || !published().pair) {
            continue;
        }
        const SidePicture& kept = side == &compare.a ? published().pair->a : published().pair->b;
        if (!kept.picture && !kept.elsewhere) {
            return fail("compare", kept.why_not);
        }
        if (compare.captured) {
            view().set_viewpoint(go_to(view().viewpoint(), compare.captured->frame->camera));
            return {};
        }
    }
    return services_.actions->run("camera.next_held_out");
}

/// An unfinished table would be taken for the whole one: its means are of some views alone.
std::string CompareDesk::why_no_export() const {
    const auto& table = published().table;
    if (!table || table->of == 0 || (table->rows.empty() && !wants_table())) {
        return "There is no table: compare, and open the Compare panel.";
    }
    if (table->rows.size() < table->of) {
        return fmt::format("{} of {} views are computed: {}.", table->rows.size(), table->of,
                           wants_table() ? "wait for the rest"
                                         : "open the Compare panel with \"compute\" ticked for the rest");
    }
    return {};
}

Result<void> CompareDesk::export_table(const std::filesystem::path& path) {
    const CompareTable& table = *published().table;
    if (path.extension() != ".csv" && path.extension() != ".json") {
        return fail(path.string(), "is neither .csv nor .json", "Name the file NAME.csv or NAME.json.");
    }
    std::string text = to_csv(table);
    if (path.extension() == ".json") {
        Json json = to_json(table);
        json["program"] = "LaCT Scope " LACT_VERSION;
        json["scene"] = published().scene->name;
        json["size"] = {published().scene->size.width, published().scene->size.height};
        text = json.dump(2) + "\n";
    }
    LACT_CHECK(write_file_atomically(path, text));
    std::error_code ignored;
    services_.log->say(Severity::note, fmt::format("saved the table of {} views", table.rows.size()),
                       std::filesystem::absolute(path, ignored).string());
    return {};
}

Result<void> CompareDesk::keep_picture() {
    const StateSummary& state = *published().state;
    const Frame& frame = *published().frame;
    const auto& pair = published().pair;
    if (frame.generation != state.generation || (pair && pair->camera.c2w != frame.camera.c2w)) {
        return fail("compare", "what the model shows from here is still being rendered",
                    "Keep it in a moment: what is there belongs to another state or camera.");
    }
    const SceneSummary& scene = *published().scene;
    Captured captured;
    captured.frame = published().frame;
    captured.scene = scene.sequence;
    captured.scene_name = scene.name;
    captured.label = fmt::format("{}, {}, {}{}, {}, {} view{}, {}x{}", scene.name, published().weights->name,
                                 state.rule_text, state.rule_switched ? " (switched at inference)" : "",
                                 to_string(published().weights->precision), state.input_views,
                                 state.input_views == 1 ? "" : "s", frame.camera.width, frame.camera.height);
    CompareState& compare = view().compare;
    compare.captured = std::make_shared<const Captured>(std::move(captured));
    compare.b = {};
    compare.b.kind = SideKind::captured;
    compare.on = true;
    return {};
}

Result<void> CompareDesk::add_actions(ActionTable& actions) {
    const AddAction add{actions};
    const auto needs_frame = [this] { return no_picture(published()); };
    const auto simple = [](std::function<void()> run) {
        return [run = std::move(run)](const Json&) -> Result<void> {
            run();
            return {};
        };
    };
    LACT_CHECK(add("compare.toggle", "Compare on / off", "C",
                   "Show two sides, A and B: rules, weights, photos, the truth, a kept picture.", needs_frame,
                   simple([this] {
                       view().compare.on = !view().compare.on;
                       if (view().compare.on) {
                           services_.run("panel.show", {{"panel", "Compare"}});
                       }
                   })));
    LACT_CHECK(add("compare.next_mode", "Next way to compare", "M",
                   "Wipe, side by side, difference, error, flip.", {}, simple([this] {
                       CompareState& compare = view().compare;
                       const auto next =
                           (static_cast<std::size_t>(compare.mode) + 1) % compare_mode_names.size();
                       compare.mode = static_cast<CompareMode>(next);
                       compare.on = true;
                   })));
    LACT_CHECK(add("compare.flip", "Flip between A and B", "X",
                   "Show B in A's place, and A again: what moves is what differs.", needs_frame,
                   simple([this] {
                       CompareState& compare = view().compare;
                       const bool flipping = compare.on && compare.mode == CompareMode::flip;
                       compare.shows_b = !flipping || !compare.shows_b;
                       compare.blink = false;
                       compare.mode = CompareMode::flip;
                       compare.on = true;
                   })));
    LACT_CHECK(add("compare.swap", "Swap A and B", "Shift+X", "What was left comes right.", {},
                   simple([this] { std::swap(view().compare.a, view().compare.b); })));
    LACT_CHECK(add("compare.keep", "Keep this picture as B", "K",
                   "Keep what the model shows now; change the rule or the photos and see what that does.",
                   needs_frame, [this](const Json&) { return keep_picture(); }));
    return add_choices(actions);
}

Result<void> CompareDesk::add_choices(ActionTable& actions) {
    const AddAction add{actions};
    const auto needs_frame = [this] { return no_picture(published()); };
    const auto against = [&](const char* id, const char* title, const char* tooltip, const char* side) {
        return add(id, title, "", tooltip, needs_frame,
                   [this, side](const Json&) -> Result<void> { return compare_with(side); });
    };
    LACT_CHECK(against("compare.photo", "Against the photo",
                       "B is the photo taken from here; figures where one was.", "photo"));
    LACT_CHECK(add(
        "compare.truth", "Against the truth", "", "B is what the generated scene truly looks like from here.",
        [this] {
            const std::string why = truth_is_missing(published());
            return why.empty() ? why : fmt::format("Not here: {}.", why);
        },
        [this](const Json&) -> Result<void> { return compare_with("truth"); }));
    LACT_CHECK(against("compare.ascent", "Against gradient ascent", "B runs the same weights uphill.",
                       "rule=ascent"));
    LACT_CHECK(
        against("compare.four_views", "Against four photos", "B is given four input views.", "views=4"));
    LACT_CHECK(
        against("compare.bf16", "Against bf16", "B rounds what it multiplies to bf16.", "precision=bf16"));
    LACT_CHECK(
        add("compare.with", "Compare with", "", "Make B any side and compare.", {},
            [this](const Json& with) -> Result<void> { return compare_with(text_of(with.at("side"))); },
            {{"side", "photo, truth, or any of rule=..., weights=..., views=..., precision=...", true}}));
    LACT_CHECK(add("compare.stand", "Go where both sides are seen", "",
                   "To the nearest held-out photo's camera, or to where the kept picture was taken.",
                   needs_frame, [this](const Json&) { return stand_where_both_are_seen(); }));
    return add_exports(actions);
}

Result<void> CompareDesk::add_exports(ActionTable& actions) {
    const AddAction add{actions};
    const auto save = [this](const char* extension) {
        return [this, extension](const Json& with) {
            return export_table(output_path(with, "compare", extension));
        };
    };
    LACT_CHECK(add("compare.export", "Save the table", "",
                   "Save the table over the held-out views as CSV, or as JSON where the file is named so.",
                   [this] { return why_no_export(); }, save("csv"),
                   {{"path", "file .csv or .json to write", false}}));
    return add("compare.export_json", "Save the table as JSON", "",
               "Save the table over the held-out views with what made each side.",
               [this] { return why_no_export(); }, save("json"),
               {{"path", "file .json or .csv to write", false}});
}

bool CompareDesk::wants_table() const {
    const CompareState& compare = view().compare;
    return compare.on && compare.table && compare.table_seen;
}

/// Neither side may be what is open. Its frame is what pictures are saved from and other panels are about:
/// it follows where the camera rests, so that a moving one costs two pictures and not three.
bool CompareDesk::wants_frame() const {
    return view().compare.on && view().rested.has_value();
}

void CompareDesk::send() {
    auto wish = view().compare.wish();
    if (wish != sent_) {
        sent_ = wish;
        engine_->compare(std::move(wish));
    }
    if (sent_table_ != wants_table()) {
        sent_table_ = wants_table();
        engine_->want_table(sent_table_);
    }
    if (sent_frame_ != wants_frame()) {
        sent_frame_ = wants_frame();
        engine_->want_frame(sent_frame_);
    }
}

bool CompareDesk::settled() const {
    return sent_ == view().compare.wish() && sent_frame_ == wants_frame();
}

}  // namespace lact::app
