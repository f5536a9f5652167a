// COLMAP's sparse models: https://colmap.github.io/format.html
#include "engine/scene/colmap_model.h"

#include "engine/core/counted.h"
#include "engine/core/file_kind.h"
#include "engine/core/files.h"
#include "engine/scene/camera_fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <set>
#include <utility>

#include <Eigen/Geometry>
#include <fmt/format.h>

namespace lact {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_name = 4096;
constexpr std::size_t least_image_bytes =
    4 + 7 * 8 + 4 + 1 + 8;  ///< Size of the smallest entry in images.bin.

/// Camera-to-world from COLMAP's world-to-camera: a quaternion w x y z and a translation.
Result<RigidPose> pose_of(const std::array<double, 7>& v, const std::string& where) {
    const Eigen::Quaterniond turn(v[0], v[1], v[2], v[3]);
    const double length = turn.norm();
    if (!(length > 1e-3 && length < 1e3)) {
        return fail(where,
                    fmt::format("has no rotation: its quaternion {} {} {} {} has length {}, 1 was expected",
                                v[0], v[1], v[2], v[3], length));
    }
    const Eigen::Matrix3d rotation = turn.normalized().toRotationMatrix().transpose();
    Eigen::Matrix4d c2w = Eigen::Matrix4d::Identity();
    c2w.block<3, 3>(0, 0) = rotation;
    c2w.block<3, 1>(0, 3) = -(rotation * Eigen::Vector3d(v[4], v[5], v[6]));
    LACT_CHECK(check_position(c2w, where));
    return RigidPose{c2w};
}

/// Reads numbers from the bytes of a binary file; little-endian, as COLMAP writes them.
class Bytes {
  public:
    Bytes(std::span<const std::byte> bytes, std::string file) : bytes_(bytes), file_(std::move(file)) {}

    template <class T>
    [[nodiscard]] Result<T> take(std::string_view what) {
        if (bytes_.size() - at_ < sizeof(T)) {
            return cut_short(what);
        }
        T value;
        std::memcpy(&value, bytes_.data() + at_, sizeof(T));
        at_ += sizeof(T);
        return value;
    }
    /// The number of entries that follow, each of at least `least` bytes.
    [[nodiscard]] Result<std::uint64_t> take_count(std::size_t least, std::string_view what) {
        LACT_TRY(const std::uint64_t count, take<std::uint64_t>(what));
        if (count > (bytes_.size() - at_) / least) {
            return fail(file_,
                        fmt::format("states {} {}, but only {}", count, what,
                                    counted(bytes_.size() - at_, "byte follows", "bytes follow")),
                        "The file is damaged or incomplete: copy it again.");
        }
        return count;
    }
    [[nodiscard]] Result<std::string> take_name() {
        const auto* begin = bytes_.data() + at_;
        const std::size_t most = std::min(bytes_.size() - at_, longest_name + 1);
        const auto* end = std::find(begin, begin + most, std::byte{0});
        if (end == begin + most) {
            return fail(file_, fmt::format("has an unterminated photo name at byte {}", at_));
        }
        std::string name(static_cast<std::size_t>(end - begin), '\0');
        std::memcpy(name.data(), begin, name.size());
        at_ += name.size() + 1;
        return name;
    }
    [[nodiscard]] Result<void> skip(std::uint64_t count, std::size_t size, std::string_view what) {
        if (count > (bytes_.size() - at_) / size) {
            return cut_short(what);
        }
        at_ += static_cast<std::size_t>(count) * size;
        return {};
    }
    [[nodiscard]] const std::string& file() const { return file_; }

  private:
    [[nodiscard]] tl::unexpected<Error> cut_short(std::string_view what) const {
        return fail(file_, fmt::format("is cut short at byte {} of {}, in {}", at_, bytes_.size(), what),
                    "The file is damaged or incomplete: copy it again.");
    }
    std::span<const std::byte> bytes_;
    std::size_t at_ = 0;
    std::string file_;
};

Result<void> add_camera(ColmapModel& model, std::uint32_t id, ColmapCamera camera, const std::string& file) {
    if (!model.cameras.emplace(id, std::move(camera)).second) {
        return fail(file, fmt::format("has camera {} twice", id));
    }
    return {};
}

tl::unexpected<Error> unknown_lens(const std::string& where, const std::string& shown) {
    return fail(where, fmt::format("has the camera model {}, which is not a known perspective model", shown),
                "Undistort the photos with COLMAP's image_undistorter; spherical photos must be cut into "
                "perspective views first.");
}

Result<void> read_binary_cameras(const fs::path& path, ColmapModel& model) {
    LACT_TRY(const FileBytes file, FileBytes::read(path));
    Bytes bytes(file.bytes(), path.string());
    constexpr std::size_t least = 4 + 4 + 8 + 8 + 3 * 8;
    LACT_TRY(const std::uint64_t count, bytes.take_count(least, "cameras"));
    for (std::uint64_t i = 0; i < count; ++i) {
        LACT_TRY(const auto id, bytes.take<std::uint32_t>("a camera"));
        LACT_TRY(const auto model_id, bytes.take<std::int32_t>("a camera"));
        LACT_TRY(const auto width, bytes.take<std::uint64_t>("a camera"));
        LACT_TRY(const auto height, bytes.take<std::uint64_t>("a camera"));
        const std::string where = fmt::format("{}: camera {}", path.string(), id);
        const ColmapLens* lens = colmap_lens(model_id);
        if (lens == nullptr) {
            return unknown_lens(where, std::to_string(model_id));
        }
        std::vector<double> parameters(parameter_count(*lens));
        for (double& parameter : parameters) {
            LACT_TRY(parameter, bytes.take<double>("a camera's parameters"));
        }
        LACT_TRY(ColmapCamera camera, colmap_camera(*lens, width, height, parameters, where));
        LACT_CHECK(add_camera(model, id, std::move(camera), path.string()));
    }
    return {};
}

Result<void> read_binary_images(const fs::path& path, ColmapModel& model) {
    LACT_TRY(const FileBytes file, FileBytes::read(path));
    Bytes bytes(file.bytes(), path.string());
    constexpr std::size_t point_size = 2 * 8 + 8;
    LACT_TRY(const std::uint64_t count, bytes.take_count(least_image_bytes, "photos"));
    for (std::uint64_t i = 0; i < count; ++i) {
        LACT_TRY(const auto id, bytes.take<std::uint32_t>("a photo"));
        std::array<double, 7> pose{};
        for (double& value : pose) {
            LACT_TRY(value, bytes.take<double>("a photo's pose"));
        }
        ColmapImage image;
        LACT_TRY(image.camera, bytes.take<std::uint32_t>("a photo"));
        LACT_TRY(image.name, bytes.take_name());
        LACT_TRY(const auto points, bytes.take<std::uint64_t>("a photo's points"));
        LACT_CHECK(bytes.skip(points, point_size, "a photo's points"));
        image.pose = pose_of(pose, fmt::format("{}: photo {} ({})", path.string(), id, image.name));
        model.images.push_back(std::move(image));
    }
    return {};
}

/// Whether a line of images.txt holds nothing but points: any number of triples X Y POINT3D_ID. The line of a
/// photo does not: it ends with a name, and has ten words where that is a number.
bool is_list_of_points(std::string_view line) {
    constexpr std::string_view blanks = " \t\r";
    std::size_t words = 0;
    while (true) {
        line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
        if (line.empty()) {
            return words % 3 == 0;
        }
        const std::string_view word = line.substr(0, line.find_first_of(blanks));
        double value = 0;
        const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
        if (end != word.data() + word.size() ||
            (code != std::errc() && code != std::errc::result_out_of_range)) {
            return false;
        }
        line.remove_prefix(word.size());
        ++words;
    }
}

/// The lines of a text, without line ends, which are those of any system.
class Lines {
  public:
    explicit Lines(std::string_view text) : text_(text) {
        if (text_.starts_with("\xef\xbb\xbf")) {
            text_.remove_prefix(3);  // The byte order mark.
        }
    }
    std::optional<std::string_view> next() {
        if (text_.empty()) {
            return std::nullopt;
        }
        ++number_;
        const auto end = std::ranges::find_if(text_, [](char c) { return c == '\n' || c == '\r'; });
        const std::string_view line(text_.begin(), end);
        text_.remove_prefix(line.size());
        text_.remove_prefix(text_.starts_with("\r\n") ? 2 : std::min<std::size_t>(1, text_.size()));
        return line;
    }
    /// The next line that is neither empty nor a comment.
    std::optional<std::string_view> next_entry() {
        while (auto line = next()) {
            const std::size_t start = line->find_first_not_of(" \t");
            if (start != std::string_view::npos && (*line)[start] != '#') {
                return line->substr(start);
            }
        }
        return std::nullopt;
    }
    /// Skips the line with the points of a photo, which may be empty. Some programs leave these lines out:
    /// what is no list of points stays.
    void skip_points() {
        const Lines before = *this;
        if (const auto line = next(); line && !is_list_of_points(*line)) {
            *this = before;
        }
    }
    [[nodiscard]] std::size_t number() const { return number_; }

  private:
    std::string_view text_;
    std::size_t number_ = 0;
};

/// Removes and returns the first word of `rest`; empty at the end.
std::string_view take_word(std::string_view& rest) {
    const std::size_t start = std::min(rest.find_first_not_of(" \t"), rest.size());
    rest.remove_prefix(start);
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
    rest.remove_prefix(word.size());
    return word;
}

template <class T>
Result<T> take_number(std::string_view& rest, const std::string& where, std::string_view what,
                      bool must_be_finite = true) {
    const std::string_view word = take_word(rest);
    T value{};
    const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
    bool good = code == std::errc() && end == word.data() + word.size() && !word.empty();
    if constexpr (std::is_floating_point_v<T>) {
        good = good && (std::isfinite(value) || !must_be_finite);
    }
    if (!good) {
        return fail(where, fmt::format("has '{}' where {} was expected", word.substr(0, 40), what));
    }
    return value;
}

/// A width or height, which COLMAP reads up to its point: "1920.0".
Result<std::uint64_t> take_side(std::string_view& rest, const std::string& where, std::string_view what) {
    LACT_TRY(const double side, take_number<double>(rest, where, what));
    constexpr double most = 1e9;  // What images have at most is checked with the camera.
    if (!(side >= 0 && side <= most) || side != std::floor(side)) {
        return fail(where, fmt::format("has {} where {} was expected, a whole number", side, what));
    }
    return static_cast<std::uint64_t>(side);
}

std::string_view text_of(const FileBytes& file) {
    return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

Result<void> read_text_cameras(const fs::path& path, ColmapModel& model) {
    LACT_TRY(const FileBytes file, read_large_text(path));
    Lines lines(text_of(file));
    while (auto line = lines.next_entry()) {
        const std::string where = fmt::format("{}: line {}", path.string(), lines.number());
        LACT_TRY(const auto id, take_number<std::uint32_t>(*line, where, "a camera's number"));
        const std::string_view name = take_word(*line);
        const ColmapLens* lens = colmap_lens(name);
        if (lens == nullptr) {
            return unknown_lens(where, std::string(name.substr(0, 40)));
        }
        LACT_TRY(const auto width, take_side(*line, where, "a width"));
        LACT_TRY(const auto height, take_side(*line, where, "a height"));
        std::vector<double> parameters;
        while (line->find_first_not_of(" \t") != std::string_view::npos &&
               parameters.size() <= parameter_count(*lens)) {
            LACT_TRY(parameters.emplace_back(), take_number<double>(*line, where, "a parameter"));
        }
        LACT_TRY(ColmapCamera camera, colmap_camera(*lens, width, height, parameters, where));
        LACT_CHECK(add_camera(model, id, std::move(camera), path.string()));
    }
    return {};
}

Result<void> read_text_images(const fs::path& path, ColmapModel& model) {
    LACT_TRY(const FileBytes file, read_large_text(path));
    Lines lines(text_of(file));
    while (auto line = lines.next_entry()) {
        const std::string where = fmt::format("{}: line {}", path.string(), lines.number());
        LACT_CHECK(take_number<std::uint32_t>(*line, where, "a photo's number"));
        std::array<double, 7> pose{};
        for (double& value : pose) {
            LACT_TRY(value, take_number<double>(*line, where, "a number of the pose", false));
        }
        ColmapImage image;
        LACT_TRY(image.camera, take_number<std::uint32_t>(*line, where, "a camera's number"));
        const std::size_t start = std::min(line->find_first_not_of(" \t"), line->size());
        image.name = line->substr(start, line->find_last_not_of(" \t") + 1 - start);
        if (image.name.size() > longest_name) {
            return fail(where, fmt::format("has a photo name of {} characters", image.name.size()));
        }
        image.pose = pose_of(pose, where);
        model.images.push_back(std::move(image));
        lines.skip_points();
    }
    return {};
}

Result<void> check_images(ColmapModel& model, const fs::path& path) {
    // Stable: of a photo that is listed twice the first entry counts.
    std::ranges::stable_sort(model.images, {}, &ColmapImage::name);
    for (const ColmapImage& image : model.images) {
        if (image.name.empty()) {
            return fail(path.string(), "has a photo without a name");
        }
        if (!model.cameras.contains(image.camera)) {
            return fail(path.string(),
                        fmt::format("assigns {} to camera {}, which {} does not have", image.name,
                                    image.camera, "cameras" + path.extension().string()));
        }
    }
    if (model.images.empty()) {
        return fail(path.string(), "has no poses: no photo is registered",
                    "Run COLMAP's mapper again with more or sharper photos that overlap.");
    }
    return {};
}

}  // namespace

std::optional<fs::path> colmap_images_file(const fs::path& folder) {
    for (const char* extension : {".bin", ".txt"}) {
        const fs::path images = folder / (std::string("images") + extension);
        if (is_file(images) && is_file(folder / (std::string("cameras") + extension))) {
            return images;
        }
    }
    return std::nullopt;
}

std::size_t colmap_image_count(const fs::path& images_file) {
    if (images_file.extension() == ".bin") {
        // The number stands first; gigabytes of points may follow.
        const auto file = open_for_reading(images_file);
        if (!file) {
            return 0;
        }
        std::uint64_t count = 0;
        const auto begin = read_file_part(*file, 0, sizeof count, images_file);
        if (!begin) {
            return 0;
        }
        std::memcpy(&count, begin->data(), sizeof count);
        return count <= file->size / least_image_bytes ? count : 0;
    }
    const auto file = FileBytes::read(images_file);
    if (!file) {
        return 0;
    }
    Lines lines(text_of(*file));
    std::size_t count = 0;
    for (; lines.next_entry(); ++count) {
        lines.skip_points();
    }
    return count;
}

Result<ColmapModel> read_colmap_model(const fs::path& images_file) {
    ColmapModel model;
    const fs::path folder = images_file.parent_path();
    if (images_file.extension() == ".bin") {
        const fs::path cameras_file = folder / "cameras.bin";
        LACT_CHECK(read_binary_cameras(cameras_file, model).map_error([&](Error error) {
            return refused_file(cameras_file, FileUse::colmap_binary, std::move(error));
        }));
        LACT_CHECK(read_binary_images(images_file, model).map_error([&](Error error) {
            return refused_file(images_file, FileUse::colmap_binary, std::move(error));
        }));
    } else {
        LACT_CHECK(read_text_cameras(folder / "cameras.txt", model));
        LACT_CHECK(read_text_images(images_file, model));
    }
    LACT_CHECK(check_images(model, images_file));
    return model;
}

}  // namespace lact
