#include "app/document/session_file.h"

#include "app/platform/assets.h"
#include "engine/core/files.h"
#include "engine/core/full_path.h"
#include "engine/core/text_file.h"
#include "engine/scene/camera_fields.h"
#include "engine/scene/camera_track_json.h"
#include "engine/scene/file_finder.h"
#include "engine/scene/json_field.h"

#include <algorithm>
#include <array>
#include <type_traits>

#include <fmt/format.h>

namespace lact::app {

namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;

/// "asset:scenes/bouquet" for a path beneath the bundled assets.
std::string portable(const fs::path& path) {
    if (path.empty()) {
        return {};
    }
    const fs::path whole = full_path(path);
    return asset_name(whole).value_or(whole.string());
}

Result<fs::path> found(const std::string& text, const fs::path& folder, std::vector<std::string>& notes) {
    if (text.starts_with(asset_scheme)) {
        return find_asset(text.substr(asset_scheme.size()));
    }
    FileFinder finder({folder}, FileFinder::Kind::entry);
    if (auto entry = finder.find(text)) {
        for (SceneRemark& remark : finder.remarks()) {
            notes.push_back(std::move(remark.text));
        }
        return std::move(*entry);
    }
    const fs::path path(text);
    return path.empty() || path.is_absolute() ? path : folder / path;
}

json vector_json(const Eigen::Vector3d& v) {
    return {v.x(), v.y(), v.z()};
}

json viewpoint_json(const Viewpoint& view) {
    const Lens& lens = view.lens;
    return {{"c2w", pose_rows(view.c2w)},
            {"lens", {lens.reference.width, lens.reference.height, lens.fx, lens.fy, lens.cx, lens.cy}},
            {"center", vector_json(view.center)},
            {"up", vector_json(view.up)},
            {"scale", view.scale}};
}

template <class T>
constexpr bool counts = std::is_same_v<T, std::uint64_t> || std::is_same_v<T, std::vector<std::size_t>>;

/// Whether a number, or one of a list, is no count: negative, with a fraction, or too large. nlohmann would
/// convert it all the same, to any number.
bool has_no_count(const json& value) {
    if (value.is_array()) {
        return std::ranges::any_of(value, has_no_count);
    }
    return value.is_number() && !value.is_number_unsigned();
}

/// Reads fields of one object; the first problem is kept.
class Fields {
  public:
    Fields(const json& object, std::string where) : object_(object), where_(std::move(where)) {}

    template <class T>
    void read(const char* key, T& value) {
        if (problem_ || !object_.contains(key)) {
            return;
        }
        try {
            if (counts<T> && has_no_count(object_.at(key))) {
                problem_ = Error{fmt::format("{} is {}, but must be whole and not negative", key,
                                             dump_json(object_.at(key))),
                                 where_,
                                 {},
                                 false};
                return;
            }
            value = object_.at(key).template get<T>();
        } catch (const json::exception&) {
            problem_ =
                Error{fmt::format("{} is {}, not of the expected type", key, dump_json(object_.at(key))),
                      where_,
                      {},
                      false};
        }
    }
    [[nodiscard]] Result<void> result() const {
        return problem_ ? Result<void>(tl::unexpected<Error>(*problem_)) : Result<void>{};
    }

  private:
    const json& object_;
    std::string where_;
    std::optional<Error> problem_;
};

Result<Viewpoint> viewpoint_from(const json& object, const std::string& where) {
    Fields fields(object, where);
    std::array<std::array<double, 4>, 4> c2w{};
    std::array<double, 6> lens{1, 1, 1, 1, 0.5, 0.5};
    std::array<double, 3> center{};
    std::array<double, 3> up{0, 0, 1};
    Viewpoint view;
    fields.read("c2w", c2w);
    fields.read("lens", lens);
    fields.read("center", center);
    fields.read("up", up);
    fields.read("scale", view.scale);
    LACT_CHECK(fields.result());
    for (int r = 0; r < 4; ++r) {
        for (int c = 0; c < 4; ++c) {
            view.c2w(r, c) = c2w.at(static_cast<std::size_t>(r)).at(static_cast<std::size_t>(c));
        }
    }
    view.center = {center[0], center[1], center[2]};
    view.up = {up[0], up[1], up[2]};
    // As far from rigid as the poses of a scene may be: a click on a photo takes its pose as it is.
    const bool rigid = view.c2w.allFinite() && is_rigid(view.c2w.block<3, 3>(0, 0));
    constexpr double largest_side = 1e6;
    const bool lens_ok = lens[0] >= 1 && lens[1] >= 1 && lens[0] <= largest_side && lens[1] <= largest_side &&
                         lens[2] > 0 && lens[3] > 0;
    if (!rigid || !lens_ok || !(view.scale > 0) || !(view.up.norm() > 0.5)) {
        return fail(where, "the camera is invalid: the pose must be rigid, lens and scale positive");
    }
    view.lens = {{static_cast<int>(lens[0]), static_cast<int>(lens[1])}, lens[2], lens[3], lens[4], lens[5]};
    return view;
}

}  // namespace

bool is_session(const json& value) {
    return value.is_object() && value.contains("lactscope_session");
}

json to_json(const SessionFile& session) {
    json result = {{"lactscope_session", session_file_version}};
    if (!session.scene.empty()) {
        result["scene"] = portable(session.scene);
    }
    if (session.generated_seed) {
        result["generated_seed"] = *session.generated_seed;
        result["generated_family"] = session.generated_family;
    }
    if (!session.weights.empty()) {
        result["weights"] = portable(session.weights);
    }
    if (!session.weights_sha256.empty()) {
        result["weights_sha256"] = session.weights_sha256;
    }
    if (!session.inputs.empty()) {
        result["inputs"] = session.inputs;
    }
    if (session.viewpoint) {
        result["viewpoint"] = viewpoint_json(*session.viewpoint);
    }
    result["parameters"] = session.parameters;
    if (!session.track.keys.empty()) {
        result["track"] = lact::to_json(session.track);
    }
    if (!session.script.empty()) {
        result["script"] = session.script;
    }
    if (!session.layout.empty()) {
        result["layout"] = session.layout;
    }
    return result;
}

Result<SessionFile> session_from(const json& value, const std::string& where, const fs::path& folder) {
    if (!is_session(value)) {
        return fail(where, "this is no session of LaCT Scope");
    }
    const json& version = value.at("lactscope_session");
    if (!version.is_number_unsigned() || version > session_file_version) {
        return fail(where,
                    fmt::format("it is of version {}, known are versions up to {}", dump_json(version),
                                session_file_version),
                    "Open it with a newer program.");
    }
    SessionFile session;
    std::string scene;
    std::string weights;
    Fields fields(value, where);
    fields.read("scene", scene);
    fields.read("weights", weights);
    fields.read("weights_sha256", session.weights_sha256);
    fields.read("inputs", session.inputs);
    fields.read("layout", session.layout);
    LACT_CHECK(fields.result());
    LACT_TRY(session.scene, found(scene, folder, session.notes));
    LACT_TRY(session.weights, found(weights, folder, session.notes));
    session.parameters = value.value("parameters", json::object());
    session.script = value.value("script", json::array());
    if (!session.parameters.is_object() || !session.script.is_array()) {
        return fail(where, "parameters must be an object and script a list of steps");
    }
    if (value.contains("generated_seed")) {
        std::uint64_t seed = 0;
        Fields generated(value, where);
        generated.read("generated_seed", seed);
        generated.read("generated_family", session.generated_family);
        LACT_CHECK(generated.result());
        session.generated_seed = seed;
    }
    if (value.contains("viewpoint")) {
        LACT_TRY(session.viewpoint, viewpoint_from(value["viewpoint"], where + ": viewpoint"));
    }
    if (value.contains("track")) {
        LACT_TRY(session.track, camera_track_from(JsonField(value["track"], where, "track")));
    }
    return session;
}

Result<SessionFile> load_session_file(const fs::path& path) {
    LACT_TRY(const json value, parse_json_file(path));
    return session_from(value, path.string(), path.parent_path());
}

Result<void> save_session_file(const fs::path& path, const SessionFile& session) {
    return write_file_atomically(path, dump_json(to_json(session), 1) + "\n");
}

}  // namespace lact::app
