#include "core/disk_prompt.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "base/quote.h"

namespace mandos::core {

namespace {

// Two of them with all the words around fit into 255 bytes, Plymouth's limit.
constexpr std::size_t longest_name = 96;

// TEXT as it may reach a terminal: what quoted() shows, but with nothing special about \ and ".
std::string shown(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto character = first_character(text);
        const std::string_view sequence = text.substr(0, character ? character->bytes : 1);
        text.remove_prefix(sequence.size());
        std::string piece(sequence);
        if (sequence != "\\" && sequence != "\"") {
            piece = quoted(sequence);
            piece = piece.substr(1, piece.size() - 2);
        }
        if (out.size() + piece.size() > longest_name)
            return out + "...";
        out += piece;
    }
    return out;
}

std::string disk_line(const Volume& volume) {
    std::string line = "Unlocking the disk";
    if (!volume.source.empty())
        line += " " + shown(volume.source);
    if (!volume.name.empty())
        line += " (" + shown(volume.name) + ")";
    return line + "\n";
}

} // namespace

std::string terminal_prompt(const Volume& volume, const PromptWords& words) {
    std::string text;
    if (words.prefix)
        text = *words.prefix + " ";
    if (words.prompt)
        return text + *words.prompt + ": ";
    if (volume.source.empty() && volume.name.empty())
        return text + "Enter passphrase to unlock the disk: ";
    return text + disk_line(volume) + "Enter passphrase: ";
}

std::string splash_prompt(const Volume& volume, const PromptWords& words) {
    if (words.prompt)
        return *words.prompt;
    return disk_line(volume) + "Enter passphrase";
}

} // namespace mandos::core
