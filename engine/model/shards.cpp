#include "engine/model/shards.h"

#include "engine/core/counted.h"
#include "engine/core/file_kind.h"
#include "engine/core/text_file.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view index_ending = ".index.json";
constexpr unsigned most_shards = 9999;
constexpr std::size_t number_digits = 5;

/// "model-00001-of-00003.safetensors" in parts.
struct ShardName {
    std::string stem;    ///< "model"
    std::string ending;  ///< ".safetensors"
    unsigned count = 0;

    [[nodiscard]] std::string of(unsigned number) const {
        return fmt::format("{}-{:05}-of-{:05}{}", stem, number, count, ending);
    }
};

std::optional<unsigned> shard_number_in(std::string_view text) {
    unsigned number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole =
        code == std::errc() && end == text.data() + text.size() && text.size() == number_digits;
    return whole ? std::optional(number) : std::nullopt;
}

std::optional<ShardName> shard_name(const fs::path& path) {
    constexpr std::string_view between = "-of-";
    constexpr std::size_t tail = 1 + number_digits + between.size() + number_digits;
    const std::string text = path.stem().string();
    if (text.size() < tail || text[text.size() - tail] != '-') {
        return std::nullopt;
    }
    const std::string_view numbers = std::string_view(text).substr(text.size() - tail + 1);
    const auto number = shard_number_in(numbers.substr(0, number_digits));
    const auto count = shard_number_in(numbers.substr(number_digits + between.size()));
    if (numbers.substr(number_digits, between.size()) != between || !number || !count || *count < 1 ||
        *count > most_shards || *number < 1 || *number > *count) {
        return std::nullopt;
    }
    return ShardName{text.substr(0, text.size() - tail), path.extension().string(), *count};
}

/// The files of a folder by name. Errors: some are not there.
Result<std::vector<fs::path>> files_in(const fs::path& folder, const std::set<std::string>& names,
                                       const fs::path& of) {
    constexpr std::size_t most_named = 10;
    std::vector<fs::path> files;
    std::vector<std::string> missing;
    for (const std::string& name : names) {
        std::error_code code;
        if (fs::is_regular_file(folder / name, code)) {
            files.push_back(folder / name);
        } else {
            missing.push_back(name);
        }
    }
    if (!missing.empty()) {
        const std::size_t count = missing.size();
        missing.resize(std::min(count, most_named));
        return fail(
            of.string(),
            fmt::format("belongs to a model of {}, of which {} missing: {}{}",
                        counted(names.size(), "file (shard)", "files (shards)"), counted(count, "is", "are"),
                        fmt::join(missing, ", "), count > most_named ? ", …" : ""),
            "Download the missing files into the same folder.");
    }
    return files;
}

using WeightMap = std::map<std::string, std::string>;

Result<WeightMap> weight_map_of(const fs::path& index) {
    LACT_TRY(const nlohmann::json json, parse_json_file(index));
    const auto map = json.is_object() ? json.find("weight_map") : json.end();
    if (!json.is_object() || map == json.end() || !map->is_object() || map->empty()) {
        return fail(index.string(), "has no object \"weight_map\" that assigns tensors to files");
    }
    WeightMap weight_map;
    for (const auto& [tensor, file] : map->items()) {
        const std::string name = file.is_string() ? file.get<std::string>() : std::string();
        // A name of another folder could read any file.
        if (name.empty() || name != fs::path(name).filename().string() || name == "." || name == "..") {
            return fail(index.string() + ": weight_map." + tensor,
                        "is not the name of a file in this folder");
        }
        weight_map.emplace(tensor, name);
    }
    return weight_map;
}

std::set<std::string> files_of(const WeightMap& weight_map) {
    std::set<std::string> names;
    for (const auto& [tensor, file] : weight_map) {
        names.insert(file);
    }
    return names;
}

/// The shards of an index; nothing if it names another set than the one of the `opened` shard.
Result<std::optional<ShardSet>> shards_of_index(const fs::path& index, const fs::path& opened) {
    LACT_TRY(WeightMap weight_map, weight_map_of(index));
    const std::set<std::string> names = files_of(weight_map);
    if (opened != index && !names.contains(opened.filename().string())) {
        return std::optional<ShardSet>();
    }
    LACT_TRY(std::vector<fs::path> files, files_in(index.parent_path(), names, opened));
    return std::optional(ShardSet{std::move(files), std::move(weight_map)});
}

}  // namespace

Result<std::optional<ShardSet>> find_shards(const fs::path& path) {
    if (is_shard_index(path)) {
        return shards_of_index(path, path);
    }
    const auto name = shard_name(path);
    if (!name || name->count == 1) {
        return std::optional<ShardSet>();
    }
    const fs::path index = path.parent_path() / (name->stem + name->ending + std::string(index_ending));
    std::error_code code;
    if (fs::is_regular_file(index, code)) {
        LACT_TRY(auto shards, shards_of_index(index, path));
        if (shards) {
            return shards;
        }
    }
    std::set<std::string> names;
    for (unsigned number = 1; number <= name->count; ++number) {
        names.insert(name->of(number));
    }
    ShardSet shards;
    LACT_TRY(shards.files, files_in(path.parent_path(), names, path));
    return std::optional(std::move(shards));
}

Result<TensorFile> read_shards(const ShardSet& shards, TensorContent content) {
    TensorFile whole;
    std::map<std::string, std::string> found_in;
    for (const fs::path& file : shards.files) {
        LACT_TRY(TensorFile shard, read_one_tensor_file(file, NamesOf::file, content));
        for (auto& [name, tensor] : shard.tensors) {
            const auto [first, added] = found_in.emplace(name, file.filename().string());
            if (!added) {
                return fail(file.string() + ": " + name,
                            fmt::format("this tensor is in the shard {}, too", first->second));
            }
            whole.tensors.emplace(name, std::move(tensor));
        }
        whole.metadata.merge(shard.metadata);
    }
    for (const auto& [name, file] : shards.weight_map) {
        const auto found = found_in.find(name);
        if (found == found_in.end() || found->second != file) {
            return fail((shards.files.front().parent_path() / file).string(),
                        fmt::format("does not hold the tensor {}, which the index assigns to it", name),
                        "Download index and shards again: they belong to different versions.");
        }
    }
    return whole;
}

Result<TensorFile> read_network(const fs::path& path, const std::optional<ShardSet>& shards,
                                TensorContent content) {
    if (!shards) {
        return read_one_tensor_file(path, NamesOf::network, content);
    }
    LACT_TRY(TensorFile file, read_shards(*shards, content));
    take_state(file);
    return file;
}

}  // namespace lact
