#include "core/dns.h"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"

namespace mandos::core {

namespace {

constexpr std::size_t longest_label = 63;

// Lengths of labels are below 64, so they are never taken for letters.
char folded(char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character;
}

std::size_t length_at(std::string_view wire, std::size_t at) {
    return static_cast<unsigned char>(wire[at]);
}

} // namespace

DnsName::DnsName(std::initializer_list<std::string_view> labels) {
    for (const std::string_view label : labels) {
        check(!label.empty() && label.size() <= longest_label, "a label has 1 to 63 bytes");
        wire_ += static_cast<char>(label.size());
        wire_ += label;
    }
    wire_ += '\0';
    check(wire_.size() <= longest, "labels fit into a name");
}

std::optional<DnsName> DnsName::from_wire(std::string_view bytes) {
    if (bytes.size() > longest)
        return std::nullopt;
    std::size_t at = 0;
    while (at < bytes.size() && length_at(bytes, at) != 0) {
        if (length_at(bytes, at) > longest_label)
            return std::nullopt;
        at += 1 + length_at(bytes, at);
    }
    if (at + 1 != bytes.size())
        return std::nullopt;
    return DnsName(std::string(bytes));
}

std::vector<std::string_view> DnsName::labels() const {
    std::vector<std::string_view> labels;
    for (std::size_t at = 0; length_at(wire_, at) != 0; at += 1 + length_at(wire_, at))
        labels.push_back(std::string_view(wire_).substr(at + 1, length_at(wire_, at)));
    return labels;
}

std::optional<DnsName> DnsName::parent() const {
    if (wire_.size() == 1)
        return std::nullopt;
    return DnsName(wire_.substr(1 + length_at(wire_, 0)));
}

std::string DnsName::text() const {
    std::string text;
    for (const std::string_view label : labels()) {
        if (!text.empty())
            text += '.';
        for (const char character : label) {
            if (character == '.' || character == '\\')
                text += '\\';
            text += character;
        }
    }
    return text.empty() ? "." : text;
}

std::weak_ordering DnsName::operator<=>(const DnsName& other) const {
    return std::lexicographical_compare_three_way(
        wire_.begin(), wire_.end(), other.wire_.begin(), other.wire_.end(),
        [](char a, char b) -> std::weak_ordering { return folded(a) <=> folded(b); });
}

const DnsName& mandos_service_type() {
    static const DnsName type{"_mandos", "_tcp", "local"};
    return type;
}

} // namespace mandos::core
