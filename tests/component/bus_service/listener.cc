#include "tests/component/bus_service/listener.h"

#include <chrono>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <systemd/sd-bus.h>

#include "adapters/bus/bus.h"
#include "adapters/bus/message.h"
#include "adapters/bus/value.h"
#include "base/check.h"

namespace mandos::test {

namespace {

struct Show {
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(const std::string& text) const { return "'" + text + "'"; }
    std::string operator()(const bus::ObjectPath& path) const { return path.text; }
    std::string operator()(const Bytes& bytes) const { return fmt::format("{} bytes", bytes.size()); }
    std::string operator()(const bus::Secret& /*secret*/) const { return "secret"; }
    std::string operator()(const bus::Strings& strings) const {
        return "[" + show(std::vector<bus::Value>(strings.begin(), strings.end())) + "]";
    }
    std::string operator()(const bus::Array& values) const { return "[" + show(values) + "]"; }
    std::string operator()(const bus::Dictionary& dictionary) const {
        std::string text;
        for (const auto& [key, value] : dictionary)
            text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", key, show(value));
        return "{" + text + "}";
    }
    template <class Number>
        requires std::is_arithmetic_v<Number>
    std::string operator()(Number number) const {
        return fmt::format("{}", number);
    }
};

std::string shortened(std::string text) {
    const std::pair<std::string_view, std::string_view> names[] = {
        {"se.recompile.Mandos", "new"}, {"se.bsnet.fukt.Mandos", "old"}, {"org.freedesktop.DBus", "dbus"}};
    for (const auto& [name, instead] : names)
        for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos;)
            text.replace(at, name.size(), instead);
    return text;
}

} // namespace

std::string show(const bus::Value& value) {
    return std::visit(Show{}, value.data());
}

std::string show(const std::vector<bus::Value>& values) {
    std::string text;
    for (const bus::Value& value : values)
        text += (text.empty() ? "" : ", ") + show(value);
    return text;
}

Listener::Listener() : bus_(bus::Bus::open_system().value()) {
    const auto hear = [](sd_bus_message* message, void* listener, sd_bus_error*) noexcept {
        const auto values = bus::read_all(message);
        if (values && !values->empty() && show(values->front()).starts_with("':")) // others who come and go
            return 0;
        static_cast<Listener*>(listener)->lines_.push_back(shortened(fmt::format(
            "{} {}.{}({})", sd_bus_message_get_path(message), sd_bus_message_get_interface(message),
            sd_bus_message_get_member(message), values ? show(*values) : "unreadable")));
        return 0;
    };
    check(sd_bus_add_match(bus_.raw(), nullptr, "type='signal'", hear, this) >= 0, "signals can be heard");
}

std::vector<std::string> Listener::until(std::string_view text) {
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::seconds(60); // never needed by a passing test
    for (std::size_t index = 0;; ++index) {
        while (index >= lines_.size()) {
            const auto left =
                std::chrono::duration_cast<std::chrono::microseconds>(end - std::chrono::steady_clock::now());
            const int processed = sd_bus_process(bus_.raw(), nullptr);
            if (processed == 0 && left.count() > 0)
                (void)sd_bus_wait(bus_.raw(), static_cast<std::uint64_t>(left.count()));
            if (processed < 0 || left.count() <= 0) {
                std::string all;
                for (const std::string& line : lines_)
                    all += line + "\n";
                ADD_FAILURE() << "no signal with " << text << " in:\n" << all;
                return std::exchange(lines_, {});
            }
        }
        if (lines_[index].find(text) != std::string::npos) {
            std::vector<std::string> heard(lines_.begin(),
                                           lines_.begin() + static_cast<std::ptrdiff_t>(index) + 1);
            lines_.erase(lines_.begin(), lines_.begin() + static_cast<std::ptrdiff_t>(index) + 1);
            return heard;
        }
    }
}

} // namespace mandos::test
