// Interface: what does not depend on the object behind it.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "adapters/bus/interface.h"
#include "adapters/bus/loop_connection.h"
#include "base/quote.h"

namespace mandos::bus {

namespace {

std::string arguments(const std::vector<Argument>& all, std::string_view direction) {
    std::string text;
    for (const Argument& one : all) {
        text += fmt::format("      <arg name=\"{}\" type=\"{}\"", one.name, one.type);
        if (!direction.empty())
            text += fmt::format(" direction=\"{}\"", direction);
        text += "/>\n";
    }
    return text;
}

std::string annotation(std::string_view indent, std::string_view name, std::string_view value) {
    return fmt::format("{}<annotation name=\"org.freedesktop.DBus.{}\" value=\"{}\"/>\n", indent, name,
                       value);
}

std::string deprecation(std::string_view indent, Standing standing) {
    return standing == Standing::Deprecated ? annotation(indent, "Deprecated", "true") : "";
}

std::string element(std::string_view tag, std::string_view attributes, const std::string& content) {
    return content.empty() ? fmt::format("    <{} {}/>\n", tag, attributes)
                           : fmt::format("    <{} {}>\n{}    </{}>\n", tag, attributes, content, tag);
}

} // namespace

Introspection::Introspection()
    : text_("<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n"
            "\"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n<node>\n") {}

void Introspection::begin(std::string_view interface, Standing standing) {
    text_ += fmt::format("  <interface name=\"{}\">\n", interface) + deprecation("    ", standing);
}

void Introspection::method(const MethodHead& head) {
    text_ +=
        element("method", fmt::format("name=\"{}\"", head.name),
                deprecation("      ", head.standing) + arguments(head.in, "in") + arguments(head.out, "out"));
}

void Introspection::property(const PropertyHead& head, Access access) {
    std::string content = deprecation("      ", head.standing);
    constexpr std::string_view told = "Property.EmitsChangedSignal";
    switch (head.changes) {
    case Changes::Signalled:
        break;
    case Changes::Invalidated:
        content += annotation("      ", told, "invalidates");
        break;
    case Changes::Constant:
        content += annotation("      ", told, "const");
        break;
    case Changes::Untold:
        content += annotation("      ", told, "false");
        break;
    }
    const char* const word = access == Access::Read    ? "read"
                             : access == Access::Write ? "write"
                                                       : "readwrite";
    text_ +=
        element("property", fmt::format("name=\"{}\" type=\"{}\" access=\"{}\"", head.name, head.type, word),
                content);
}

void Introspection::signal(const SignalHead& head) {
    text_ += element("signal", fmt::format("name=\"{}\"", head.name),
                     deprecation("      ", head.standing) + arguments(head.arguments, ""));
}

void Introspection::end() {
    text_ += "  </interface>\n";
}

void Introspection::properties_and_introspectable() {
    begin(properties_interface, Standing::Current);
    method({.name = "Get", .in = {{"interface_name", "s"}, {"property_name", "s"}}, .out = {{"value", "v"}}});
    method({.name = "Set", .in = {{"interface_name", "s"}, {"property_name", "s"}, {"value", "v"}}});
    method({.name = "GetAll", .in = {{"interface_name", "s"}}, .out = {{"properties", "a{sv}"}}});
    signal({.name = "PropertiesChanged",
            .arguments = {
                {"interface_name", "s"}, {"changed_properties", "a{sv}"}, {"invalidated_properties", "as"}}});
    end();
    introspectable();
}

void Introspection::introspectable() {
    begin(introspectable_interface, Standing::Current);
    method({.name = "Introspect", .out = {{"xml_data", "s"}}});
    end();
}

std::string Introspection::with_children(const std::vector<std::string>& names) && {
    for (const std::string& name : names) // element names of object paths: letters, digits and _
        text_ += fmt::format("  <node name=\"{}\"/>\n", name);
    text_ += "</node>\n";
    return std::move(text_);
}

std::string introspection(const std::vector<std::string>& children) {
    Introspection data;
    data.introspectable();
    return std::move(data).with_children(children);
}

std::string signature_of(const std::vector<Argument>& arguments) {
    std::string signature;
    for (const Argument& one : arguments)
        signature += one.type;
    return signature;
}

std::vector<PropertyCall> read_property_call(IncomingCall& call) {
    struct Shape {
        std::string_view member;
        std::string_view signature;
        PropertyCall::Kind kind;
    };
    static constexpr Shape shapes[] = {{"Get", "ss", PropertyCall::Kind::Get},
                                       {"Set", "ssv", PropertyCall::Kind::Set},
                                       {"GetAll", "s", PropertyCall::Kind::GetAll}};
    for (const Shape& shape : shapes) {
        if (call.member() != shape.member)
            continue;
        if (call.signature() != shape.signature) {
            refuse_arguments(std::move(call), {{"", shape.signature}});
            return {};
        }
        auto arguments = call.arguments();
        if (!arguments) {
            call.refuse(arguments.error());
            return {};
        }
        PropertyCall read{.kind = shape.kind,
                          .interface = *arguments->at(0).get_if<std::string>(),
                          .property = {},
                          .value = {}};
        if (arguments->size() > 1)
            read.property = *arguments->at(1).get_if<std::string>();
        if (arguments->size() > 2)
            read.value.push_back(std::move(arguments->at(2)));
        return {std::move(read)};
    }
    refuse_method(std::move(call));
    return {};
}

void refuse_method(IncomingCall call) {
    const std::string text = fmt::format("{} has no method {}{}{}", call.path(), call.interface(),
                                         call.interface().empty() ? "" : ".", call.member());
    call.refuse(error_names::unknown_method, text);
}

void refuse_arguments(IncomingCall call, const std::vector<Argument>& expected) {
    const std::string text = fmt::format("{} takes arguments of the types {}, and got {}", call.member(),
                                         quoted(signature_of(expected)), quoted(call.signature()));
    call.refuse(error_names::invalid_args, text);
}

void refuse_property(IncomingCall call, const PropertyCall& asked) {
    call.refuse(error_names::unknown_property,
                fmt::format("{} has no property {}{}{}", call.path(), asked.interface,
                            asked.interface.empty() ? "" : ".", asked.property));
}

void refuse_access(IncomingCall call, const PropertyCall& asked) {
    if (asked.kind == PropertyCall::Kind::Set)
        call.refuse(error_names::property_read_only,
                    fmt::format("{} can be read and not be written", asked.property));
    else
        call.refuse(error_names::access_denied,
                    fmt::format("{} can be written and not be read", asked.property));
}

} // namespace mandos::bus
