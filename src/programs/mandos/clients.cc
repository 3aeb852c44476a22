#include "programs/mandos/clients.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <dirent.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/handle.h"
#include "base/quote.h"
#include "core/client.h"
#include "core/key_id.h"
#include "core/limits.h"
#include "programs/mandos/client_files.h"
#include "wire/clients_conf.h"
#include "wire/finding.h"
#include "wire/ini.h"

namespace mandos::server {

namespace {

using wire::Finding;
using wire::Severity;

// All files of a configuration, one after the other.
class Reading {
  public:
    // Returns the file's [DEFAULT].
    wire::IniSection read(const std::string& path, const wire::IniSection& inherited) {
        remember_earlier();
        wire::ClientsConfParsed parsed;
        {
            const Result<Bytes> content = read_file(path, core::limits::configuration_file);
            if (!content) {
                add(path, Severity::Error, content.error().text());
                return {};
            }
            parsed = wire::parse_clients_conf(as_text(*content), path, inherited);
        }
        read_.clients.reserve(read_.clients.size() + parsed.sections.size());
        std::ranges::move(parsed.findings, std::back_inserter(read_.findings));
        for (wire::ClientSection& section : parsed.sections)
            if (complete(section, path, read_.findings) && is_new(path, section))
                read_.clients.push_back(std::move(section.settings));
        last_file_ = path;
        return std::move(parsed.defaults);
    }

    void add(const std::string& path, Severity severity, std::string text) {
        read_.findings.push_back(Finding{.severity = severity, .file = path, .text = std::move(text)});
    }

    ClientsRead take() { return std::move(read_); }
    bool has_nothing() const { return read_.clients.empty() && !has_errors(read_.findings); }

  private:
    // Notes whom the files before this one have. Most configurations are one file, where the parser has
    // compared them all.
    void remember_earlier() {
        for (; remembered_ < read_.clients.size(); ++remembered_) {
            const core::ClientSettings& client = read_.clients[remembered_];
            file_of_name_.try_emplace(client.name, last_file_);
            if (client.key_id && !client.key_id->is_of_nothing())
                file_of_key_.try_emplace(*client.key_id, last_file_);
        }
    }

    bool is_new(const std::string& path, const wire::ClientSection& section) {
        const auto say = [&](Severity severity, const char* option, std::string text) {
            read_.findings.push_back(Finding{.severity = severity,
                                             .file = path,
                                             .line = section.line,
                                             .section = section.settings.name,
                                             .option = option,
                                             .text = std::move(text)});
        };
        if (const auto name = file_of_name_.find(section.settings.name); name != file_of_name_.end()) {
            say(Severity::Error, "",
                fmt::format("{} has a client of this name too; expected each name once", name->second));
            return false;
        }
        const auto& key_id = section.settings.key_id;
        if (!key_id || key_id->is_of_nothing())
            return true;
        if (const auto key = file_of_key_.find(*key_id); key != file_of_key_.end())
            say(Severity::Warning, "key_id",
                fmt::format("a client in {} has the same: neither of them gets anything", key->second));
        return true;
    }

    ClientsRead read_;
    std::string last_file_;
    std::size_t remembered_ = 0; // of read_.clients, those that are in the tables
    std::unordered_map<std::string, std::string> file_of_name_;
    std::unordered_map<core::KeyId, std::string> file_of_key_;
};

// The paths of DIRECTORY/*.conf, sorted. NotFound: there is no such directory.
Result<std::vector<std::string>> files_of(const std::string& directory) {
    const Handle<DIR, closedir> open(opendir(directory.c_str()));
    if (!open)
        return fail_errno(errno, "cannot open directory {}", quoted(directory));
    std::vector<std::string> paths;
    errno = 0;
    while (const dirent* entry = readdir(open.get())) { // NOLINT(concurrency-mt-unsafe): a stream of its own
        const std::string_view name = entry->d_name;
        if (name.ends_with(".conf") && !name.starts_with('.'))
            paths.push_back(fmt::format("{}/{}", directory, name));
        errno = 0;
    }
    if (errno != 0)
        return fail_errno(errno, "cannot read directory {}", quoted(directory));
    std::ranges::sort(paths);
    return paths;
}

bool is_missing(const std::string& path) {
    struct stat status{};
    return stat(path.c_str(), &status) != 0 && errno == ENOENT;
}

} // namespace

ClientsRead read_clients(const std::string& config_directory) {
    const std::string path = config_directory + "/clients.conf";
    const std::string more = config_directory + "/clients.d";
    Reading reading;
    wire::IniSection defaults;
    if (!is_missing(path))
        defaults = reading.read(path, {});
    const Result<std::vector<std::string>> files = files_of(more);
    if (files) {
        for (const std::string& file : *files)
            (void)reading.read(file, defaults);
    } else if (files.error().kind() != ErrorKind::NotFound) {
        reading.add(more, Severity::Error, files.error().text());
    }
    if (reading.has_nothing())
        reading.add(path, Severity::Warning,
                    is_missing(path)
                        ? fmt::format("there is no such file, and no client in {}", more)
                        : "there are no clients; add what `mandos-keygen --password` prints on each "
                          "client");
    return reading.take();
}

Result<core::ClientSettings> read_client_section(std::string_view text) {
    const std::string file = "the section";
    wire::ClientsConfParsed parsed = wire::parse_clients_conf(text, file);
    if (parsed.sections.size() > 1)
        return fail(ErrorKind::Invalid, "there are {} sections; expected one", parsed.sections.size());
    if (parsed.sections.size() == 1 && complete(parsed.sections.front(), file, parsed.findings)
        && !has_errors(parsed.findings))
        return std::move(parsed.sections.front().settings);
    std::string wrong;
    for (const Finding& finding : parsed.findings)
        if (finding.severity == Severity::Error)
            wrong += (wrong.empty() ? "" : "\n") + finding.describe();
    return fail(ErrorKind::Invalid, "{}",
                wrong.empty() ? "there is no section; expected what `mandos-keygen --password` prints"
                              : wrong);
}

} // namespace mandos::server
