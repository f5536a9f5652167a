#include "engine/experiment/report.h"

namespace lact {

const char* to_string(Agreement agreement) {
    switch (agreement) {
        case Agreement::agrees:
            return "agrees";
        case Agreement::disagrees:
            return "disagrees";
        case Agreement::open:
            break;
    }
    return "not decided";
}

}  // namespace lact
