// Camera paths of this program, instant-ngp and nerfstudio: engine/scene/camera_track_import.h. The input is
// the path and, behind "@@", transforms.json of its scene.
#include "engine/scene/camera_track_import.h"
#include "engine/scene/camera_track_json.h"
#include "tests/fuzz/target.h"

LACT_FUZZ_TARGET(camera_track) {
    const auto [track, scene] = two_files(text_of(data, size));
    const auto path = scratch().file("path.json", track);
    TrackImportOptions options;
    if (!scene.empty()) {
        options.scene_file = scratch().file("transforms.json", scene);
        options.dataparser_transforms = options.scene_file;
    }
    const auto read = import_camera_track(path, options);
    if (!read) {
        return read.error().what.empty() ? 1 : 0;
    }
    const auto evaluator = TrackEvaluator::make(read->track);
    if (!evaluator) {
        return 1;
    }
    for (int i = 0; i <= 8; ++i) {
        const TrackPose pose = evaluator->at(evaluator->start() + evaluator->duration() * i / 8);
        if (!pose.c2w.allFinite() || !(pose.fov_y > 0 && pose.fov_y < 180)) {
            return 1;
        }
    }
    const auto written = scratch().path() / "written.json";
    if (!write_camera_track(written, read->track)) {
        return 1;
    }
    const auto again = read_camera_track(written);
    return again && *again == read->track ? 0 : 1;
}
