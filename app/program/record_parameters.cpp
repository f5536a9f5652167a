#include "app/program/record_parameters.h"

#include "app/core/parameters.h"
#include "app/program/add_parameter.h"

namespace lact::app {

Result<void> add_record_parameters(ViewState& view, ParameterTable& parameters) {
    using Json = nlohmann::json;
    const AddParameter add{parameters};
    LACT_CHECK(add(
        "record.what", "Record", "Recording",
        "The whole window, or the view alone: the picture with its labels, in the same size.",
        always(Choices{{"window", "view"}}), "window", [&view] { return Json(view.record.what); },
        [&view](const Json& value) { view.record.what = value.get<std::string>(); }));
    LACT_CHECK(add(
        "record.format", "Format", "Recording",
        "Of a film without a name: MP4 (H.264), an animated GIF (256 colours, at most 50 frames a second, "
        "plays "
        "anywhere), or a folder of numbered PNG pictures.",
        always(Choices{{"mp4", "gif", "png"}}), "mp4", [&view] { return Json(view.record.format); },
        [&view](const Json& value) { view.record.format = value.get<std::string>(); }));
    LACT_CHECK(add(
        "record.fps", "Frames a second", "Recording", "Of the film; frames are exact however long they take.",
        always(Numbers{1, 240}), 30.0, [&view] { return Json(view.record.fps); },
        [&view](const Json& value) { view.record.fps = value.get<double>(); }));
    LACT_CHECK(add(
        "record.quality", "Rate factor", "Recording",
        "MP4: x264's constant rate factor: 0 is lossless, 18 hardly to be told from it, 51 the worst.",
        always(WholeNumbers{0, 51}), 18, [&view] { return Json(view.record.quality); },
        [&view](const Json& value) { view.record.quality = value.get<int>(); }));
    LACT_CHECK(add(
        "record.width", "Width", "Recording", "Of the film, in pixels.", always(WholeNumbers{320, 7680}),
        1280, [&view] { return Json(view.record.width); },
        [&view](const Json& value) { view.record.width = value.get<int>(); }));
    LACT_CHECK(add(
        "record.height", "Height", "Recording", "Of the film, in pixels.", always(WholeNumbers{240, 4320}),
        800, [&view] { return Json(view.record.height); },
        [&view](const Json& value) { view.record.height = value.get<int>(); }));
    LACT_CHECK(add(
        "record.from", "From", "Recording",
        "Seconds of the path or script that are left out at the beginning.", always(Numbers{0, 3600}), 0.0,
        [&view] { return Json(view.record.from); },
        [&view](const Json& value) { view.record.from = value.get<double>(); }));
    LACT_CHECK(add(
        "record.folder", "Folder", "Recording", "Where films are written; empty: the current folder.",
        always(FreeText{}), "", [&view] { return Json(view.record.folder); },
        [&view](const Json& value) { view.record.folder = value.get<std::string>(); }));
    return add(
        "record.seconds", "Length", "Recording", "Seconds of the film; 0: until path and script have ended.",
        always(Numbers{0, 3600}), 0.0, [&view] { return Json(view.record.seconds); },
        [&view](const Json& value) { view.record.seconds = value.get<double>(); });
}

}  // namespace lact::app
