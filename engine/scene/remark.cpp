#include "engine/scene/remark.h"

namespace lact {

std::string_view to_string(RemarkKind kind) {
    switch (kind) {
        case RemarkKind::found_elsewhere:
            return "found-elsewhere";
        case RemarkKind::left_out:
            return "left-out";
        case RemarkKind::corrected:
            return "corrected";
        case RemarkKind::mask:
            return "mask";
        case RemarkKind::unused:
            return "unused";
        case RemarkKind::duplicate:
            return "duplicate";
        case RemarkKind::geometry:
            return "geometry";
        case RemarkKind::lens:
            return "lens";
        case RemarkKind::training:
            break;
    }
    return "training";
}

}  // namespace lact
