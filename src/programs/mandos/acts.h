// Acts: what the D-Bus interface wants from the server. Implemented over the engine; all calls come from its
// strand.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/client.h"
#include "core/events.h"
#include "core/server.h"

namespace mandos::server {

class Acts {
  public:
    using Done = std::move_only_function<void(Result<void>)>;

    Acts() = default;
    Acts(const Acts&) = delete;
    Acts& operator=(const Acts&) = delete;
    virtual ~Acts() = default;

    virtual const core::Server& state() const = 0;
    // The client that EVENT is about exists. DONE is called on the strand: when what it came to is durable,
    // and not before watchers were told; or with the error, and then it did not happen.
    virtual void act(core::Event event, Done done) = 0;
    // Takes over the configuration as it is now. The warnings; or all that is wrong, and then nothing
    // changed. DONE is called on the strand.
    using Reloaded = std::move_only_function<void(Result<std::vector<std::string>>)>;
    virtual void reload(std::string actor, Reloaded done) = 0;
    // The one client of SECTION, text as in clients.conf, with the built-in defaults. Invalid: it is not
    // that.
    virtual Result<core::ClientSettings> parse_section(std::string_view section) = 0;
};

} // namespace mandos::server
