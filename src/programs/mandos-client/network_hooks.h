// Network hooks: programs of the administrator's that set up a network which takes more than bringing an
// interface up (a bridge, a tunnel, Wi-Fi), and take it down at the end. The contract is that of Mandos 1.8
// (mandos-client(8mandos), "NETWORK HOOKS"); new are the mode as an argument, a time limit, and output that
// says whose it is.
//
//   which           | regular files, or links to one, that can be executed and whose names are of A-Z a-z 0-9
//   _ . - order           | by name, one after the other argument        | start or stop environment     |
//   this program's, and MANDOSNETHOOKDIR MODE VERBOSITY DEVICE DELAY CONNECT user            | root, without
//   supplementary groups standard input  | /dev/null output, errors  | lines on this program's standard
//   error, each preceded by the hook's name; also of what a
//                   | hook leaves running, as long as the loop runs
//   fails           | a warning
//   takes too long  | its process group is terminated, and killed after a grace; a warning
//
// What a hook leaves running is left alone, unless the hook takes too long.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/duration.h"
#include "base/error.h"
#include "core/limits.h"
#include "loop/asio.h"
#include "loop/watch.h"

namespace mandos::client {

struct HookSettings {
    std::string directory = "/lib/mandos/network-hooks.d";
    std::string device;                // the interfaces as they were given, by commas; empty: any
    Duration delay{};                  // the longest that an interface is waited for
    std::optional<std::string> server; // as it was given to --connect
    enum class Verbosity { Quiet, Debug } verbosity = Verbosity::Quiet;
    Duration limit = core::limits::network_hook_time; // for each hook
};

// The names of the hooks in DIRECTORY, in their order; none where there is no such directory.
Result<std::vector<std::string>> network_hooks_in(const std::string& directory);

class NetworkHooks {
  public:
    enum class Mode { Start, Stop };

    // Everything happens on STRAND. SETTINGS are kept.
    NetworkHooks(io::any_io_executor strand, HookSettings settings);

    // Over when each has ended, or was ended. Whatever goes wrong is said, and does not stop the next one.
    io::awaitable<void> run(Mode mode);

    // Ends the hook that runs, and leaves out those that come after it: run() is over soon. A later run()
    // is whole again.
    void hurry();

  private:
    io::awaitable<Result<void>> run_one(const std::string& name, Mode mode);
    std::vector<std::string> environment(Mode mode) const;

    io::any_io_executor strand_;
    HookSettings settings_;
    loop::Watch* running_ = nullptr; // its end
    bool hurried_ = false;
};

} // namespace mandos::client
