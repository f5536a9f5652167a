#include "engine/session/attention_options.h"

#include <fmt/format.h>

namespace lact {

std::string_view to_string(ShareOf of) {
    return of == ShareOf::output ? "output" : "centred";
}

Result<ShareOf> parse_share_of(std::string_view text) {
    if (text == "output") {
        return ShareOf::output;
    }
    if (text == "centred") {
        return ShareOf::centred;
    }
    return fail("shares", fmt::format("'{}' is not known", text),
                "Use centred (of o - mean(o)) or output (of o).");
}

}  // namespace lact
