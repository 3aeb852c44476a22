#include "programs/mandos-ctl/table.h"

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/core.h>

#include "adapters/bus/value.h"
#include "base/error.h"
#include "base/quote.h"
#include "programs/mandos-ctl/client.h"

namespace mandos::ctl {

namespace {

using Row = std::vector<std::string>;

bool continues_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// Characters of UTF-8 text, which is what D-Bus carries.
std::size_t width_of(std::string_view text) {
    return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues_character));
}

struct Cell {
    Look look;

    std::string operator()(bool truth) const { return truth ? "Yes" : "No"; }
    std::string operator()(const std::string& text) const { return printable(text); }
    std::string operator()(const bus::ObjectPath& path) const { return path.text; }
    template <class Data>
    std::string operator()(const Data& data) const {
        if constexpr (std::integral<Data>)
            return look == Look::Time ? write_time(std::chrono::milliseconds(static_cast<std::int64_t>(data)))
                                      : fmt::format("{}", data);
        else
            return "?"; // no field of a client is a list; a server that says so is not to be hidden
    }
};

Result<Row> write_row(const Client& client, std::span<const Field> fields) {
    Row row;
    row.reserve(fields.size());
    for (const Field& field : fields)
        row.push_back(std::visit(Cell{field.look}, MANDOS_TRY(client.property(field.property)).data()));
    return row;
}

std::vector<std::size_t> widths_of(std::span<const Row> rows) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const Row& row : rows)
        for (std::size_t column = 0; column < row.size(); ++column)
            widths[column] = std::max(widths[column], width_of(row[column]));
    return widths;
}

std::string line_of(const Row& row, std::span<const std::size_t> widths) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
        line += column == 0 ? "" : " ";
        line += row[column];
        line.append(widths[column] - width_of(row[column]), ' ');
    }
    return line;
}

} // namespace

std::string write_time(std::chrono::milliseconds time) {
    namespace c = std::chrono;
    const auto days = c::floor<c::days>(time);
    const c::hh_mm_ss clock(c::floor<c::seconds>(time - days));
    const std::string text = fmt::format("{:02}:{:02}:{:02}", clock.hours().count(), clock.minutes().count(),
                                         clock.seconds().count());
    return days.count() == 0 ? text : fmt::format("{}T{}", days.count(), text);
}

Result<std::string> write_table(std::span<const Client> clients, std::span<const Field> fields,
                                Colours colours) {
    std::vector<Row> rows(1);
    for (const Field& field : fields)
        rows.front().emplace_back(field.header);
    for (const Client& client : clients)
        rows.push_back(MANDOS_TRY(write_row(client, fields)));
    const std::vector<std::size_t> widths = widths_of(rows);
    std::string text = line_of(rows.front(), widths) + "\n";
    for (std::size_t index = 0; index < clients.size(); ++index) {
        const std::string line = line_of(rows[index + 1], widths);
        const bool dim = colours == Colours::Terminal && !MANDOS_TRY(clients[index].is_enabled());
        text += dim ? fmt::format("\x1b[2m{}\x1b[0m\n", line) : line + "\n"; // ECMA-48 §8.3.117: 2 is faint
    }
    return text;
}

} // namespace mandos::ctl
