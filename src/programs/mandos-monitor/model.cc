// Implements model.h: what happens. What the keys do is in model_keys.cc.
#include "programs/mandos-monitor/model.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/version.h"
#include "programs/mandos-monitor/client.h"
#include "programs/mandos-monitor/time_text.h"

namespace mandos::monitor {

Model::Model(TimePoint now) {
    log(now, fmt::format("mandos-monitor {}", version()));
    log(now, "q: Quit  ?: Help");
}

void Model::put(Client client) {
    const bool pending = client.state() == State::Denial || client.state() == State::Approval;
    if (!pending)
        client.peers.clear();
    roster_.put(std::move(client));
}

void Model::remove(const std::string& path) {
    roster_.remove(path);
}

void Model::log(TimePoint now, std::string_view text, Detail detail) {
    if (detail == Detail::Verbose && detail_ == Detail::Always)
        return;
    log_.add(now, std::string(text));
}

Layout Model::layout() const {
    constexpr int rows_for_title = 8;
    constexpr int rows_for_details = 14;
    constexpr int details_rows = 13; // all that there is to tell of a client
    Layout layout;
    int top = 0;
    const auto take = [&top](int rows) {
        const Layout::Part part{.top = top, .rows = rows};
        top += rows;
        return part;
    };
    int body = size_.rows;
    const int title = size_.rows >= rows_for_title ? 1 : 0;
    const int footer = size_.rows >= rows_for_title || (prompt_ && size_.rows > 1) ? 1 : 0;
    body -= title + footer;
    const int details =
        details_shown_ == Shown::Yes && size_.rows >= rows_for_details ? std::min(details_rows, body / 3) : 0;
    const int rest = body - (details > 0 ? details + 1 : 0);
    const int log = log_shown_ == Shown::Yes ? std::max((rest - 1) / 2, 0) : 0;
    layout.title = take(title);
    layout.list = take(rest - (log > 0 ? log + 1 : 0));
    layout.details_line = take(details > 0 ? 1 : 0);
    layout.details = take(details);
    layout.log_line = take(log > 0 ? 1 : 0);
    layout.log = take(log);
    layout.footer = take(footer);
    return layout;
}

} // namespace mandos::monitor
