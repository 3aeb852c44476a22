# fish completion for mandos-ctl: options, their arguments, and the names of the clients that the server has.
# To be installed as /usr/share/fish/vendor_completions.d/mandos-ctl.fish.

function __mandos_ctl_clients
    set -l words (commandline -opc)
    # No client goes behind most subcommands.
    if test (count $words) -ge 2; and contains -- "$words[2]" log lockdown reload add names
        return
    end
    $words[1] names 2>/dev/null
end

function __mandos_ctl_no_words
    test (count (commandline -opc)) -eq 1
end

set -l times "PT30S PT1M PT5M PT1H P1D P1W"

complete -c mandos-ctl -f
complete -c mandos-ctl -n __mandos_ctl_no_words -a explain -d "Would the client get its secret now"
complete -c mandos-ctl -n __mandos_ctl_no_words -a log -d "Show the audit log"
complete -c mandos-ctl -n __mandos_ctl_no_words -a lockdown -d "Let nobody get anything"
complete -c mandos-ctl -n __mandos_ctl_no_words -a reload -d "Take over the configuration"
complete -c mandos-ctl -n __mandos_ctl_no_words -a add -d "Add a client"
complete -c mandos-ctl -n __mandos_ctl_no_words -a names -d "Print the names of all clients"
complete -c mandos-ctl -a "(__mandos_ctl_clients)" -d Client
complete -c mandos-ctl -s a -l all -d "Do it to all clients"
complete -c mandos-ctl -s v -l verbose -d "Show all fields of the table"
complete -c mandos-ctl -s j -l dump-json -d "Show all fields as JSON"
complete -c mandos-ctl -s e -l enable -d "Enable the client"
complete -c mandos-ctl -s d -l disable -d "Disable the client"
complete -c mandos-ctl -s b -l bump-timeout -d "Take the client for checked and well"
complete -c mandos-ctl -l start-checker -d "Start a checker now"
complete -c mandos-ctl -l stop-checker -d "Stop the checker that is running"
complete -c mandos-ctl -s V -l is-enabled -d "Tell by the exit status whether the client is enabled"
complete -c mandos-ctl -s r -l remove -d "Remove the client"
complete -c mandos-ctl -s c -l checker -x -a "(__fish_complete_command)" -d "Set the command that checks the client"
complete -c mandos-ctl -s t -l timeout -x -a $times -d "Set the timeout"
complete -c mandos-ctl -l extended-timeout -x -a $times -d "Set the timeout once after a secret was sent"
complete -c mandos-ctl -s i -l interval -x -a $times -d "Set the time between two checks"
complete -c mandos-ctl -l approve-by-default -d "Approve requests if nobody says otherwise"
complete -c mandos-ctl -l deny-by-default -d "Deny requests if nobody says otherwise"
complete -c mandos-ctl -l approval-delay -x -a $times -d "Set how long a request waits for a decision"
complete -c mandos-ctl -l approval-duration -x -a $times -d "Set how long an approval holds"
complete -c mandos-ctl -s H -l host -x -a "(__fish_print_hostnames)" -d "Set the host for the checker"
complete -c mandos-ctl -s s -l secret -r -F -d "Set the encrypted password"
complete -c mandos-ctl -s A -l approve -d "Approve the request that is waiting"
complete -c mandos-ctl -s D -l deny -d "Deny the request that is waiting"
complete -c mandos-ctl -l debug -d "Show the D-Bus calls"
complete -c mandos-ctl -l check -d "Run self-tests"
complete -c mandos-ctl -l version -d "Show the version"
complete -c mandos-ctl -s h -l help -d "Show the options"
