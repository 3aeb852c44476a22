// What a person does at a terminal: a key, or the mouse. Plain values; Screen makes them of the terminal's
// bytes.
#pragma once

#include <variant>

namespace mandos::screen {

enum class Name { Character, Up, Down, PageUp, PageDown, Home, End, Enter, Tab, Escape, Backspace, F1 };

enum class Meta { Off, On }; // On: with Meta (Alt), or after Escape

struct Key {
    Name name = Name::Character;
    char32_t character = 0; // of Character; a control character is itself: Ctrl-L is 0x0C
    Meta meta = Meta::Off;
    bool operator==(const Key&) const = default;
};

constexpr Key plain(char32_t character) {
    return {.character = character};
}
constexpr Key control(char letter) { // of an upper-case letter
    return {.character = static_cast<char32_t>(letter) - U'@'};
}
constexpr Key meta(char32_t character) {
    return {.character = character, .meta = Meta::On};
}
constexpr Key named(Name name) {
    return {.name = name};
}

struct Mouse {
    enum class Act { Press, WheelUp, WheelDown };
    Act act = Act::Press;
    int row = 0;
    int column = 0;
    bool operator==(const Mouse&) const = default;
};

using Input = std::variant<Key, Mouse>;

} // namespace mandos::screen
