// DirectRoutes: which routes a client that talks to servers may have added, and which it has. A route to one
// address alone, directly by the link on which a server there was announced: for machines on one link whose
// addresses have different prefixes. Who asks for one may have been taken over by what a stranger sent. No
// I/O.
//
//   asked for          | not done                                      | who asks is not trusted any more
//   -------------------+-----------------------------------------------+-----------------------------------
//   a route is added   | by a link that is not there (it may just have | to what no host has for others, or
//                      | left); at the limit (core/limits.h)           | is link-local
//   a route is removed | one that is not there (it may have gone with  | -
//                      | its link)                                     |
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "base/error.h"
#include "core/ip_address.h"

namespace mandos::core {

class DirectRoutes {
  public:
    struct Route {
        std::uint32_t link = 0;
        IpAddress address;
        auto operator<=>(const Route&) const = default;
    };
    enum class Verdict : std::uint8_t { Yes, No, ThereAlready };

    void link_came(std::uint32_t link) { links_.insert(link); }
    // Those of its routes that were there; removed() has happened to them.
    std::vector<Route> link_left(std::uint32_t link);

    // Invalid: nobody of ours asks for that.
    Result<Verdict> may_add(const Route& route) const;
    void added(const Route& route) { routes_.insert(route); }
    bool has(const Route& route) const { return routes_.contains(route); }
    void removed(const Route& route) { routes_.erase(route); }

    // All that are there.
    std::vector<Route> routes() const { return {routes_.begin(), routes_.end()}; }

  private:
    std::set<std::uint32_t> links_;
    std::set<Route> routes_;
};

} // namespace mandos::core
