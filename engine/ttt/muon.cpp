#include "engine/ttt/muon.h"

#include <fmt/format.h>

namespace lact {

std::string_view to_string(MuonFactor factor) {
    return factor == MuonFactor::right ? "value" : "key";
}

Result<MuonFactor> parse_muon_factor(std::string_view text) {
    if (text == "value") {
        return MuonFactor::right;
    }
    if (text == "key") {
        return MuonFactor::left;
    }
    return fail("side", fmt::format("'{}' is not known", text),
                "Use value (Muon's right factor) or key (its left factor).");
}

}  // namespace lact
