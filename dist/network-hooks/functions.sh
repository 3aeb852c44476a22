# What the network hooks beside this file share: keep it with them, not executable. They need a POSIX shell, cat, rm
# and sleep, and ip of iproute2 (that of busybox makes neither bridges nor bonds).
#
# A hook sets "hook", its name, defines start(), files() and modules(), and ends with: run_hook "$@"
# shellcheck shell=sh disable=SC2154

hooks=${MANDOSNETHOOKDIR:-/lib/mandos/network-hooks.d}

# Reads the settings of this hook, which are assignments as a shell has them.
settings() {
    # shellcheck source=/dev/null
    . "$hooks/$1"
}

# How to take back what was just done: a command, whose words have no blanks in them. What was done last is taken
# back first, and what was not done is not.
undo() {
    earlier=$(cat "$state" 2>/dev/null) || earlier=''
    (umask 077 && printf '%s\n%s\n' "$*" "$earlier" >"$state")
}

undo_all() {
    [ -e "$state" ] || return 0
    while read -r line; do
        # shellcheck disable=SC2086 # it is words
        [ -z "$line" ] || $line || :
    done <"$state"
    rm -f "$state"
}

# Whether interface $1 is to be used: none are named (--interface), or it is among them.
is_wanted() {
    case ",${DEVICE:-}," in ,, | *,"$1",*) return 0 ;; esac
    return 1
}

exists() {
    [ -e "/sys/class/net/$1" ]
}

# Prints the name of the interface that is called $1, or has that hardware address and no other on top of it. It
# may come late: it is waited for as long as the client would wait.
interface() {
    left=${DELAY:-2.5}
    left=${left%%.*}
    while :; do
        if exists "$1"; then
            echo "$1"
            return 0
        fi
        for path in /sys/class/net/*; do
            # A bridge, bond or VLAN has the address of what is below it, but is no device.
            if [ -e "$path/device" ] && [ "$(cat "$path/address" 2>/dev/null)" = "$1" ]; then
                echo "${path##*/}"
                return 0
            fi
        done
        [ "${left:-0}" -gt 0 ] || break
        left=$((left - 1))
        sleep 1
    done
    echo "there is no interface $1" >&2
    return 1
}

is_up() {
    [ $(($(cat "/sys/class/net/$1/flags") & 1)) -eq 1 ]
}

bring_up() {
    if ! is_up "$1"; then
        ip link set "$1" up
        undo ip link set "$1" down
    fi
}

# What goes by itself with the interface that start() has made: addresses ($2) and routes ($3, one a line).
configure() {
    for address in $2; do
        case $address in
            *:*) ip address add "$address" dev "$1" nodad ;;
            *) ip address add "$address" dev "$1" ;;
        esac
    done
    printf '%s\n' "$3" | while read -r route; do
        # shellcheck disable=SC2086 # it is words
        [ -z "$route" ] || ip route add $route dev "$1"
    done
}

# Ends the daemon that wrote its number into file $1.
end_daemon() {
    pid=$(cat "$1" 2>/dev/null) || return 0
    rm -f "$1"
    kill "$pid" 2>/dev/null || return 0
    tries=50
    while [ -e "/proc/$pid/exe" ] && [ "$tries" -gt 0 ]; do
        tries=$((tries - 1))
        sleep 0.1 2>/dev/null || sleep 1 # not every sleep has parts of a second
    done
    ! [ -e "/proc/$pid/exe" ] || kill -KILL "$pid" 2>/dev/null || :
}

# The paths of those programs that there are.
paths_of() {
    for program in "$@"; do
        command -v "$program" || echo "$hook: there is no $program; it is in package ${package:-iproute2}" >&2
    done
}

# $hook, then the arguments of the hook: the mode, which old clients tell by MODE alone.
run_hook() {
    mode=${MODE:-${1:-}}
    state=/run/mandos-network-hook-$hook
    case $mode in
        start)
            # Begun twice, or not ended: what is left is taken back first.
            undo_all
            trap undo_all EXIT
            trap 'exit 1' TERM INT HUP
            start
            trap - EXIT
            ;;
        stop) undo_all ;;
        files) files ;;
        modules) modules ;;
        *)
            echo "usage: $hook start|stop|files|modules" >&2
            exit 64
            ;;
    esac
}
