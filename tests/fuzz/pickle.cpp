// The pickle of a PyTorch file: engine/model/pickle.h.
#include "engine/model/pickle.h"

#include "tests/fuzz/target.h"

LACT_FUZZ_TARGET(pickle) {
    const auto document = pickle::decode(text_of(data, size), "pickle");
    if (!document) {
        return document.error().what.empty() ? 1 : 0;
    }
    for (const auto& value : document->values) {
        (void)document->class_of(value);
        (void)document->find(value, "model");
        for (const auto item : value.items) {
            if (item >= document->values.size()) {
                return 1;
            }
        }
    }
    return document->root < document->values.size() ? 0 : 1;
}
