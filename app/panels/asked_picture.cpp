#include "app/panels/asked_picture.h"

namespace lact::app {

const window::Texture* AskedPicture::from(window::Canvas& canvas, const Camera& camera) {
    auto answer = services_.questions->ask(name_, AskPicture{camera});
    const Frame* frame = answer ? answer->get<Frame>() : nullptr;
    if (frame != nullptr && answer != shown_ && canvas.upload(texture_, to_image8(frame->image))) {
        shown_ = std::move(answer);
    }
    return texture_ ? &texture_ : nullptr;
}

}  // namespace lact::app
