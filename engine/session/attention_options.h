#pragma once

#include "engine/core/error.h"
#include "engine/ttt/muon.h"

#include <string_view>

namespace lact {

/// The part of the output that shares divide. Most of |o|^2 can be an answer that all queries of a camera
/// have in common; shares of the whole output then describe that answer.
enum class ShareOf {
    output,   ///< o
    centred,  ///< o - mean(o), the mean over all queries of the camera: what is particular to a query.
};

/// "output" or "centred".
[[nodiscard]] std::string_view to_string(ShareOf of);
/// Parses what to_string() writes. Errors: any other text.
[[nodiscard]] Result<ShareOf> parse_share_of(std::string_view text);

/// Which of the exact readings of a layer as attention.
struct AttentionOptions {
    MuonFactor factor = MuonFactor::right;
    ShareOf of = ShareOf::centred;
    friend bool operator==(const AttentionOptions&, const AttentionOptions&) = default;
};

}  // namespace lact
