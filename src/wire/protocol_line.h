// ProtocolLine: the one line that a Mandos client sends before TLS begins: "1\r\n", the version of the
// protocol. Fed with what comes in, in any pieces. Takes what Mandos 1.8 takes (words after the version, "\n"
// alone, an end of input in place of the line's), apart from versions below 1, and never more than
// core::limits::protocol_line bytes.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/error.h"

namespace mandos::wire {

class ProtocolLine {
  public:
    enum class Progress { MoreNeeded, Complete };

    // What came. Invalid: it can become no line that is taken; the text quotes it. Once Complete, no more may
    // come: a client has nothing to say until it is spoken to, and bytes behind the line are an error too.
    Result<Progress> feed(ByteView bytes);

    // The peer will send no more. Complete, or an error.
    Result<Progress> end();

  private:
    Result<Progress> judge() const;

    std::string line_;         // without what ends it
    bool ended_by_cr_ = false; // a "\n" that follows belongs to the line's end; anything else comes too early
};

} // namespace mandos::wire
