// Session files: app/document/session_file.h.
#include "app/document/session_file.h"
#include "engine/core/text_file.h"
#include "tests/fuzz/target.h"

LACT_FUZZ_TARGET(session) {
    using namespace app;
    const auto path = scratch().file("session.json", text_of(data, size));
    const auto session = load_session_file(path);
    if (!session) {
        return session.error().what.empty() ? 1 : 0;
    }
    // What was read can be stored and read again, and is the same then.
    const auto json = to_json(*session);
    const auto parsed = parse_json(dump_json(json), "again");
    const auto again =
        parsed ? session_from(*parsed, "again", path.parent_path()) : Result<SessionFile>(fail("", ""));
    return again && dump_json(to_json(*again)) == dump_json(json) ? 0 : 1;
}
