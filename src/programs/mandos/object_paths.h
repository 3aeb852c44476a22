// ObjectPaths: where clients are found on D-Bus. "/clients/" and the name with "." and "-" turned into "_",
// as Mandos 1.8 has it, where that is a path that nobody has (D-Bus specification, "Valid Object Paths"). Any
// other name has its other bytes as "_" and two hexadecimal digits, and a number behind it where need be.
// Invariant: each client has one path, its own, as long as it lives.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clients.h"

namespace mandos::server {

class ObjectPaths {
  public:
    // The path of the client, which gets one if it has none. Lives until the client is removed.
    const std::string& add(core::ClientId client, std::string_view name);
    void remove(core::ClientId client);

    // nullptr, nothing: there is none.
    const std::string* find(core::ClientId client) const;
    std::optional<core::ClientId> find(std::string_view path) const;

    // The last elements of the paths right below PATH, sorted.
    std::vector<std::string> children(std::string_view path) const;

  private:
    std::map<std::string, core::ClientId, std::less<>> by_path_;
    std::unordered_map<core::ClientId, std::string> by_client_;
    std::unordered_map<std::string, unsigned> numbers_; // the last one behind a path that was taken
};

} // namespace mandos::server
