// Interface<Object>: what a program offers on the bus, as tables: each member with its name, its types, its
// annotations and the function behind it. serve() answers a call by them, with the standard interfaces
// (Properties, Introspectable) made from the same tables, so that nothing can be told that does not hold.
// Used by programs/mandos: client_object.cc and server_object.cc are the tables.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/bus/loop_connection.h"
#include "adapters/bus/value.h"

namespace mandos::bus {

inline constexpr std::string_view properties_interface = "org.freedesktop.DBus.Properties";
inline constexpr std::string_view introspectable_interface = "org.freedesktop.DBus.Introspectable";

// Of an interface or a method.
enum class Standing : std::uint8_t { Current, Deprecated };
// Whether a member came with this Mandos, and so is in the interface of the present name only.
enum class Age : std::uint8_t { Old, New };
// What is told of a property's changes: with the value, without it, none since it never changes, or none.
enum class Changes : std::uint8_t { Signalled, Invalidated, Constant, Untold };

struct Argument {
    std::string_view name;
    std::string_view type;
};

struct MethodHead {
    std::string_view name;
    std::vector<Argument> in = {};
    std::vector<Argument> out = {};
    Standing standing = Standing::Current;
    Age age = Age::Old;
};

struct PropertyHead {
    std::string_view name;
    std::string_view type;
    Changes changes = Changes::Signalled;
    Standing standing = Standing::Current;
    Age age = Age::Old;
};

struct SignalHead {
    std::string_view name;
    std::vector<Argument> arguments = {};
    Standing standing = Standing::Current;
    Age age = Age::Old;
};

template <class Object>
struct Method {
    MethodHead head;
    // ARGUMENTS have the types of head.in.
    void (*call)(Object& object, const std::vector<Value>& arguments, IncomingCall call);
};

template <class Object>
struct Property {
    PropertyHead head;
    Value (*get)(const Object& object) = nullptr; // nullptr: cannot be read
    // nullptr: cannot be written. NAME is the head's, for errors.
    void (*set)(Object& object, std::string_view name, const Value& value, IncomingCall call) = nullptr;
};

template <class Object>
struct Interface {
    std::string_view name;
    Standing standing = Standing::Current;
    std::vector<Method<Object>> methods;
    std::vector<Property<Object>> properties;
    std::vector<SignalHead> signals;
};

template <class Object>
using Interfaces = std::vector<Interface<Object>>;

// INTERFACE by its former name: without what is new.
template <class Object>
Interface<Object> former(Interface<Object> interface, std::string_view name) {
    interface.name = name;
    interface.standing = Standing::Deprecated;
    std::erase_if(interface.methods, [](const auto& member) { return member.head.age == Age::New; });
    std::erase_if(interface.properties, [](const auto& member) { return member.head.age == Age::New; });
    std::erase_if(interface.signals, [](const auto& member) { return member.age == Age::New; });
    return interface;
}

// All properties of INTERFACE that can be read.
template <class Object>
Dictionary all_properties(const Interface<Object>& interface, const Object& object) {
    Dictionary all;
    all.reserve(interface.properties.size());
    for (const Property<Object>& property : interface.properties)
        if (property.get != nullptr)
            all.emplace_back(std::string(property.head.name), property.get(object));
    return all;
}

// Introspection data ("Introspection Data Format" of the D-Bus specification), part by part.
class Introspection {
  public:
    Introspection();
    void begin(std::string_view interface, Standing standing);
    void method(const MethodHead& head);
    enum class Access : std::uint8_t { Read, Write, ReadWrite };
    void property(const PropertyHead& head, Access access);
    void signal(const SignalHead& head);
    void end(); // of the interface
    void properties_and_introspectable();
    void introspectable();
    std::string with_children(const std::vector<std::string>& names) &&;

  private:
    std::string text_;
};

template <class Object>
std::string introspection(const Interfaces<Object>& interfaces, const std::vector<std::string>& children) {
    Introspection data;
    for (const Interface<Object>& interface : interfaces) {
        data.begin(interface.name, interface.standing);
        for (const Method<Object>& method : interface.methods)
            data.method(method.head);
        for (const Property<Object>& property : interface.properties)
            data.property(property.head, property.get == nullptr   ? Introspection::Access::Write
                                         : property.set == nullptr ? Introspection::Access::Read
                                                                   : Introspection::Access::ReadWrite);
        for (const SignalHead& signal : interface.signals)
            data.signal(signal);
        data.end();
    }
    data.properties_and_introspectable();
    return std::move(data).with_children(children);
}

// A node that only has others below it.
std::string introspection(const std::vector<std::string>& children);

// The types of ARGUMENTS in a row.
std::string signature_of(const std::vector<Argument>& arguments);

// What a call of the Properties interface is about. Refuses CALL and returns nothing where it is none.
struct PropertyCall {
    enum class Kind : std::uint8_t { Get, Set, GetAll } kind;
    std::string interface; // empty: any
    std::string property;
    std::vector<Value> value; // of Set: one
};
std::vector<PropertyCall> read_property_call(IncomingCall& call);

void refuse_method(IncomingCall call);
void refuse_arguments(IncomingCall call, const std::vector<Argument>& expected);
void refuse_property(IncomingCall call, const PropertyCall& asked);
void refuse_access(IncomingCall call, const PropertyCall& asked);

template <class Object>
void serve_property(const Interfaces<Object>& interfaces, Object& object, IncomingCall call) {
    const std::vector<PropertyCall> read = read_property_call(call);
    if (read.empty())
        return;
    const PropertyCall& asked = read.front();
    if (asked.kind == PropertyCall::Kind::GetAll) {
        for (const Interface<Object>& interface : interfaces)
            if (asked.interface.empty() || interface.name == asked.interface) {
                call.reply("a{sv}", {all_properties(interface, object)});
                return;
            }
        call.reply("a{sv}", {Dictionary()});
        return;
    }
    for (const Interface<Object>& interface : interfaces) {
        if (!asked.interface.empty() && interface.name != asked.interface)
            continue;
        for (const Property<Object>& property : interface.properties) {
            if (property.head.name != asked.property)
                continue;
            const bool gets = asked.kind == PropertyCall::Kind::Get;
            if (gets ? property.get == nullptr : property.set == nullptr)
                refuse_access(std::move(call), asked);
            else if (gets)
                call.reply("v", {property.get(object)});
            else
                property.set(object, property.head.name, asked.value.front(), std::move(call));
            return;
        }
    }
    refuse_property(std::move(call), asked);
}

// Answers CALL, or hands it to the function of its member. CHILDREN are the names of the nodes below.
template <class Object>
void serve(const Interfaces<Object>& interfaces, Object& object, const std::vector<std::string>& children,
           IncomingCall call) {
    if (call.interface() == properties_interface) {
        serve_property(interfaces, object, std::move(call));
        return;
    }
    if (call.interface() == introspectable_interface && call.member() == "Introspect") {
        if (call.signature().empty())
            call.reply("s", {introspection(interfaces, children)});
        else
            refuse_arguments(std::move(call), {});
        return;
    }
    for (const Interface<Object>& interface : interfaces) {
        if (!call.interface().empty() && interface.name != call.interface())
            continue;
        for (const Method<Object>& method : interface.methods) {
            if (method.head.name != call.member())
                continue;
            if (call.signature() != signature_of(method.head.in)) {
                refuse_arguments(std::move(call), method.head.in);
                return;
            }
            auto arguments = call.arguments();
            if (arguments)
                method.call(object, *arguments, std::move(call));
            else
                call.refuse(arguments.error());
            return;
        }
    }
    refuse_method(std::move(call));
}

} // namespace mandos::bus
