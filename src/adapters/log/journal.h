// Journal: systemd's journal, where one runs: entries with fields that programs can search. Never waits.
#pragma once

#include <span>
#include <string>
#include <utility>

#include "adapters/log/datagrams.h"
#include "wire/journal_entry.h"

namespace mandos::log {

class Journal {
  public:
    // SOCKET is where journald listens for its own protocol.
    explicit Journal(std::string socket) : socket_(std::move(socket)) {}

    // An entry that is too long for a datagram is handed over as a sealed file.
    Datagrams::Outcome send(std::span<const wire::JournalField> fields);

  private:
    Datagrams socket_;
};

// Whether standard error ends in the journal already: JOURNAL_STREAM names it (systemd.exec(5)).
bool standard_error_is_the_journal();

} // namespace mandos::log
