
# Instead of dracut's own function of this name: plugin-runner asks Mandos servers and, at the console or by Plymouth, a
# person, all at once; what comes first goes to the command. The shell never sees it.
ask_for_password() {
    local command tries=3 tried=0 ret=1
    while [ $# -gt 0 ]; do
        case "$1" in
            --cmd | --tty-cmd) [ -n "$command" ] || command=$2; shift ;;
            --ply-cmd) command=$2; shift ;;
            --tries | --ply-tries) tries=$2; shift ;;
            --prompt | --ply-prompt | --tty-prompt | --tty-tries) shift ;;
        esac
        shift
    done
    {
        flock -s 9
        while [ "$tried" -lt "$tries" ]; do
            CRYPTTAB_SOURCE=$device CRYPTTAB_NAME=$luksname \
                /lib/mandos/plugin-runner --config-file=/etc/mandos/plugin-runner.conf \
                | eval "$command --key-file=-"
            ret=$?
            [ "$ret" -ne 0 ] || break
            tried=$((tried + 1))
            echo "Wrong password" >&2
        done
    } 9> /.console_lock
    return $ret
}
