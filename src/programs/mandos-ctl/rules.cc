#include "programs/mandos-ctl/rules.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "programs/mandos-ctl/action.h"
#include "programs/mandos-ctl/options.h"

namespace mandos::ctl {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> contradictions{{
    {"enable", "disable"},
    {"start-checker", "stop-checker"},
    {"approve-by-default", "deny-by-default"},
    {"approve", "deny"},
}};

bool has(const std::vector<Step>& steps, std::string_view option) {
    return std::ranges::find(steps, option, &Step::option) != steps.end();
}

template <class Kind>
bool is(const Step& step) {
    return std::holds_alternative<Kind>(step.action);
}

bool goes_with_remove(const Step& step) {
    const Approval* const approval = std::get_if<Approval>(&step.action);
    return is<Remove>(step) || (approval != nullptr && *approval == Approval::Deny);
}

Result<void> check_steps(const Request& request) {
    const std::vector<Step>& steps = request.steps;
    for (const auto& [one, other] : contradictions)
        if (has(steps, one) && has(steps, other))
            return fail(ErrorKind::Invalid, "--{} and --{} cannot be given together", one, other);
    if (request.names.empty() && !request.all)
        return fail(ErrorKind::Invalid, "--{} needs names of clients, or --all", steps.front().option);
    if (has(steps, "remove") && !std::ranges::all_of(steps, goes_with_remove))
        return fail(ErrorKind::Invalid, "--remove goes with --deny only");
    const auto question = std::ranges::find_if(steps, is<IsEnabled>);
    if (question == steps.end())
        return {};
    if (request.all || request.names.size() != 1)
        return fail(ErrorKind::Invalid, "--is-enabled takes exactly one client");
    if (question + 1 != steps.end())
        return fail(ErrorKind::Invalid, "--{} comes too late: --is-enabled ends everything",
                    (question + 1)->option);
    return {};
}

} // namespace

Result<void> check_rules(const Request& request) {
    const std::string_view shown = request.mode == Mode::Json ? "dump-json" : "verbose";
    if (request.mode != Mode::Act && !request.steps.empty())
        return fail(ErrorKind::Invalid, "--{} shows clients, so it cannot be given with --{}", shown,
                    request.steps.front().option);
    if (request.steps.empty() && request.all)
        return fail(ErrorKind::Invalid, "--all needs something to do; without it all clients are shown");
    return request.steps.empty() ? Result<void>{} : check_steps(request);
}

void deny_before_remove(Request& request) {
    std::vector<Step> removals;
    std::ranges::copy_if(request.steps, std::back_inserter(removals), is<Remove>);
    std::erase_if(request.steps, is<Remove>);
    std::ranges::move(removals, std::back_inserter(request.steps));
}

} // namespace mandos::ctl
