#include "tests/support/xdnd_drop.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>

#include <fmt/format.h>
#include <xcb/xcb.h>

namespace lact::test {

namespace {

constexpr std::uint32_t version = 5;
constexpr std::chrono::seconds longest_wait{20};

struct Free {
    void operator()(void* answer) const { std::free(answer); }  // NOLINT: xcb's answers come from malloc()
};
template <typename T>
using Answer = std::unique_ptr<T, Free>;

/// As a file manager writes it: every byte but those that a URL may hold is escaped.
std::string uri_list(const std::vector<std::filesystem::path>& files) {
    constexpr std::string_view plain = "-._~/";
    std::string list;
    for (const auto& file : files) {
        list += "file://";
        for (const char c : file.string()) {
            const auto byte = static_cast<unsigned char>(c);
            const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            list += letter || plain.find(c) != std::string_view::npos ? std::string(1, c)
                                                                      : fmt::format("%{:02X}", byte);
        }
        list += "\r\n";
    }
    return list;
}

/// The side of a drop that has the files.
class Source {
  public:
    explicit Source(std::string text) : text_(std::move(text)) {}
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    ~Source() { xcb_disconnect(connection_); }

    std::string drop() {
        if (xcb_connection_has_error(connection_) != 0) {
            return "the X server does not answer";
        }
        screen_ = xcb_setup_roots_iterator(xcb_get_setup(connection_)).data;
        target_ = accepting(screen_->root);
        if (target_ == XCB_NONE) {
            return "no window accepts drops";
        }
        own_selection();
        send("XdndEnter", {own_, version << 24U, atom("text/uri-list"), XCB_NONE, XCB_NONE});
        const std::uint32_t at = middle();
        send("XdndPosition", {own_, 0, at, XCB_CURRENT_TIME, atom("XdndActionCopy")});
        const auto status = wait_for("XdndStatus");
        if (!status || ((*status)[1] & 1U) == 0) {
            return status ? "the window refuses the files"
                          : "the window does not answer that files are over it";
        }
        send("XdndDrop", {own_, 0, XCB_CURRENT_TIME, 0, 0});
        const auto finished = wait_for("XdndFinished");
        if (!finished || !asked_) {
            return finished ? "the window did not ask for the files" : "the window does not finish the drop";
        }
        // GLFW 3.3 writes the number of bytes here, where the protocol has one bit.
        return (*finished)[1] != 0 ? "" : "the window did not take the files";
    }

  private:
    using Data = std::array<std::uint32_t, 5>;

    [[nodiscard]] xcb_atom_t atom(std::string_view name) const {
        const auto cookie =
            xcb_intern_atom(connection_, 0, static_cast<std::uint16_t>(name.size()), name.data());
        const Answer<xcb_intern_atom_reply_t> answer(xcb_intern_atom_reply(connection_, cookie, nullptr));
        return answer ? answer->atom : static_cast<xcb_atom_t>(XCB_NONE);
    }

    /// The window itself or the first beneath it that has the property XdndAware.
    [[nodiscard]] xcb_window_t accepting(xcb_window_t window) const {
        const auto aware = xcb_get_property(connection_, 0, window, atom("XdndAware"), XCB_ATOM_ANY, 0, 1);
        const Answer<xcb_get_property_reply_t> property(xcb_get_property_reply(connection_, aware, nullptr));
        if (property && property->type != XCB_NONE) {
            return window;
        }
        const auto tree = xcb_query_tree(connection_, window);
        const Answer<xcb_query_tree_reply_t> answer(xcb_query_tree_reply(connection_, tree, nullptr));
        for (int i = 0; answer && i < xcb_query_tree_children_length(answer.get()); ++i) {
            if (const auto found = accepting(xcb_query_tree_children(answer.get())[i]); found != XCB_NONE) {
                return found;
            }
        }
        return XCB_NONE;
    }

    void own_selection() {
        own_ = xcb_generate_id(connection_);
        xcb_create_window(connection_, XCB_COPY_FROM_PARENT, own_, screen_->root, 0, 0, 1, 1, 0,
                          XCB_WINDOW_CLASS_INPUT_OUTPUT, screen_->root_visual, 0, nullptr);
        xcb_set_selection_owner(connection_, own_, atom("XdndSelection"), XCB_CURRENT_TIME);
    }

    /// The middle of the window, in pixels of the screen: x in the upper half.
    [[nodiscard]] std::uint32_t middle() const {
        const auto size = xcb_get_geometry(connection_, target_);
        const Answer<xcb_get_geometry_reply_t> box(xcb_get_geometry_reply(connection_, size, nullptr));
        const auto half = [](std::uint16_t side) { return static_cast<std::int16_t>(side / 2); };
        const auto moved = xcb_translate_coordinates(connection_, target_, screen_->root,
                                                     box ? half(box->width) : std::int16_t{0},
                                                     box ? half(box->height) : std::int16_t{0});
        const Answer<xcb_translate_coordinates_reply_t> place(
            xcb_translate_coordinates_reply(connection_, moved, nullptr));
        return place ? static_cast<std::uint32_t>(place->dst_x) << 16U |
                           static_cast<std::uint16_t>(place->dst_y)
                     : 0;
    }

    void send(std::string_view type, const Data& data) const {
        xcb_client_message_event_t message{};
        message.response_type = XCB_CLIENT_MESSAGE;
        message.format = 32;
        message.window = target_;
        message.type = atom(type);
        std::memcpy(&message.data, data.data(), sizeof(data));
        xcb_send_event(connection_, 0, target_, XCB_EVENT_MASK_NO_EVENT,
                       reinterpret_cast<const char*>(&message));  // NOLINT: as xcb wants it
        xcb_flush(connection_);
    }

    /// The data of the next message of a type. Hands the files over meanwhile.
    std::optional<Data> wait_for(std::string_view type) {
        const xcb_atom_t wanted = atom(type);
        const auto end = std::chrono::steady_clock::now() + longest_wait;
        while (std::chrono::steady_clock::now() < end) {
            const Answer<xcb_generic_event_t> event(xcb_poll_for_event(connection_));
            if (!event) {
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                continue;
            }
            const int kind = event->response_type & 0x7F;
            if (kind == XCB_SELECTION_REQUEST) {
                xcb_selection_request_event_t request{};
                std::memcpy(&request, event.get(), sizeof(request));
                hand_over(request);
            } else if (kind == XCB_CLIENT_MESSAGE) {
                xcb_client_message_event_t message{};
                std::memcpy(&message, event.get(), sizeof(message));
                if (message.type == wanted) {
                    Data data{};
                    std::memcpy(data.data(), &message.data, sizeof(data));
                    return data;
                }
            }
        }
        return std::nullopt;
    }

    void hand_over(const xcb_selection_request_event_t& request) {
        asked_ = true;
        xcb_change_property(connection_, XCB_PROP_MODE_REPLACE, request.requestor, request.property,
                            request.target, 8, static_cast<std::uint32_t>(text_.size()), text_.data());
        std::array<char, 32> bytes{};  // Every event has 32 bytes; this one uses fewer.
        xcb_selection_notify_event_t notify{};
        notify.response_type = XCB_SELECTION_NOTIFY;
        notify.time = request.time;
        notify.requestor = request.requestor;
        notify.selection = request.selection;
        notify.target = request.target;
        notify.property = request.property;
        std::memcpy(bytes.data(), &notify, sizeof(notify));
        xcb_send_event(connection_, 0, request.requestor, XCB_EVENT_MASK_NO_EVENT, bytes.data());
        xcb_flush(connection_);
    }

    std::string text_;
    xcb_connection_t* connection_ = xcb_connect(nullptr, nullptr);
    xcb_screen_t* screen_ = nullptr;
    xcb_window_t target_ = XCB_NONE;
    xcb_window_t own_ = XCB_NONE;
    bool asked_ = false;
};

}  // namespace

std::string drop_files(const std::vector<std::filesystem::path>& files) {
    return Source(uri_list(files)).drop();
}

}  // namespace lact::test
