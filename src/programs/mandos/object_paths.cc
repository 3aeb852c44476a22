#include "programs/mandos/object_paths.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "core/clients.h"

namespace mandos::server {

namespace {

constexpr std::string_view top = "/clients/";

bool is_plain(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')
           || (letter >= '0' && letter <= '9') || letter == '_';
}

// Only slashes between other characters part a path into elements.
bool has_good_slashes(std::string_view name) {
    return !name.empty() && !name.starts_with('/') && !name.ends_with('/')
           && name.find("//") == std::string_view::npos;
}

std::string path_of(std::string_view name) {
    const bool slashes_stay = has_good_slashes(name);
    std::string path(top);
    for (const char letter : name) {
        if (is_plain(letter) || (letter == '/' && slashes_stay))
            path += letter;
        else if (letter == '.' || letter == '-')
            path += '_';
        else
            path += fmt::format("_{:02x}", static_cast<unsigned char>(letter));
    }
    if (name.empty())
        path += '_';
    return path;
}

} // namespace

const std::string& ObjectPaths::add(core::ClientId client, std::string_view name) {
    const auto [place, is_new] = by_client_.try_emplace(client);
    if (!is_new)
        return place->second;
    const std::string wanted = path_of(name);
    std::string path = wanted;
    while (by_path_.contains(path))
        path = fmt::format("{}_{}", wanted, 1 + std::max(1U, numbers_[wanted]++));
    by_path_.emplace(path, client);
    place->second = std::move(path);
    return place->second;
}

void ObjectPaths::remove(core::ClientId client) {
    const auto found = by_client_.find(client);
    if (found == by_client_.end())
        return;
    by_path_.erase(found->second);
    by_client_.erase(found);
}

const std::string* ObjectPaths::find(core::ClientId client) const {
    const auto found = by_client_.find(client);
    return found == by_client_.end() ? nullptr : &found->second;
}

std::optional<core::ClientId> ObjectPaths::find(std::string_view path) const {
    const auto found = by_path_.find(path);
    return found == by_path_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> ObjectPaths::children(std::string_view path) const {
    std::string prefix(path);
    if (!prefix.ends_with('/'))
        prefix += '/';
    std::vector<std::string> names;
    if (prefix == "/") {
        if (!by_path_.empty())
            names.emplace_back(top.substr(1, top.size() - 2));
        return names;
    }
    auto place = by_path_.lower_bound(prefix);
    while (place != by_path_.end() && place->first.starts_with(prefix)) {
        const std::size_t end = place->first.find('/', prefix.size());
        names.push_back(place->first.substr(prefix.size(), end - prefix.size()));
        // Behind all that lies below it: '0' is the character after '/'.
        place = by_path_.lower_bound(prefix + names.back() + '0');
    }
    return names;
}

} // namespace mandos::server
