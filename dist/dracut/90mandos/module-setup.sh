# shellcheck shell=bash
# Sourced by dracut. Puts the Mandos client into an image, with or without systemd in it, for this host or generic. An image
# with it has this machine's keys in it.
#
#   /lib/mandos/           plugins.d/mandos-client; with systemd password-agent, else plugin-runner and its other plugins
#   /etc/mandos/keys/      keys (0600, for the user that asks for the password)
#   /etc/mandos/plugin-runner.conf

mandos_programs() {
    local directory
    for directory in /usr/lib/*/mandos /usr/lib/mandos /usr/local/lib/*/mandos /usr/local/lib/mandos; do
        if [[ -x $directory/plugins.d/mandos-client ]]; then
            echo "$directory"
            return 0
        fi
    done
    return 1
}

mandos_keys() {
    local directory key
    for directory in /etc/keys/mandos /etc/mandos/keys; do
        for key in seckey.txt pubkey.txt tls-privkey.pem tls-pubkey.pem; do
            [[ -s $directory/$key ]] || continue 2
        done
        echo "$directory"
        return 0
    done
    return 1
}

# Whose the keys are in the image: "UID GID".
mandos_user() {
    local name
    for name in _mandos mandos; do
        if id "$name" &> /dev/null; then
            echo "$(id -u "$name") $(id -g "$name")"
            return
        fi
    done
    echo 65534 65534
}

mandos_is_leftover() {
    case $1 in
        .* | *~ | \#*\# | *.dpkg-old | *.dpkg-new | *.dpkg-bak | *.dpkg-divert | *.ucf-*) return 0 ;;
    esac
    return 1
}

# called by dracut
check() {
    mandos_programs > /dev/null || return 1
    if ! mandos_keys > /dev/null; then
        dwarn "mandos: there is no whole set of keys in /etc/keys/mandos; make one with mandos-keygen. The Mandos client is left out"
        return 1
    fi
    return 0
}

# called by dracut
depends() {
    echo crypt
    return 0
}

# What a network hook says to MODE $2.
mandos_ask_hook() {
    MANDOSNETHOOKDIR=/etc/mandos/network-hooks.d MODE=$2 VERBOSITY=0 DEVICE='' "$1" "$2" < /dev/null \
        || dwarn "mandos: network hook $1 failed when it was asked for $2"
}

mandos_hooks() {
    local hook
    for hook in /etc/mandos/network-hooks.d/*; do
        case ${hook##*/} in
            *[!A-Za-z0-9_.-]*) continue ;;
        esac
        if [[ -f $hook ]] && ! mandos_is_leftover "${hook##*/}"; then
            echo "$hook"
        fi
    done
}

# called by dracut
installkernel() {
    local hook module
    instmods '=drivers/net'
    hostonly='' instmods ipv6 8021q af_packet
    for hook in $(mandos_hooks); do
        [[ -x $hook ]] || continue
        for module in $(mandos_ask_hook "$hook" modules); do
            hostonly='' instmods "$module"
        done
    done
    return 0
}

mandos_install_hooks() {
    local hook file target
    for hook in $(mandos_hooks); do
        inst_simple "$(readlink -f "$hook")" "/lib/mandos/network-hooks.d/${hook##*/}"
        [[ -x $hook ]] || continue
        mandos_ask_hook "$hook" files | while read -r file target; do
            [[ -z $file ]] || inst "$file" "${target:-$file}"
        done
    done
}

# mandos_install_programs NAME PROGRAMS: of /etc/mandos/NAME, and what that has not of PROGRAMS/NAME.
mandos_install_programs() {
    local file name
    for file in "/etc/mandos/$1"/* "$2/$1"/*; do
        name=${file##*/}
        if [[ ! -f $file ]] || mandos_is_leftover "$name" || [[ -e $initdir/lib/mandos/$1/$name ]]; then
            continue
        fi
        case $name in # reads the FIFO of Debian's cryptsetup scripts; and splash screens that there are not
            askpass-fifo) continue ;;
            splashy | usplash) [[ -x /sbin/$name ]] || continue ;;
        esac
        inst "$file" "/lib/mandos/$1/$name"
        chmod a+r,go-w,u-s,g-s "$initdir/lib/mandos/$1/$name"
    done
}

# called by dracut
install() {
    local programs keys user group file
    programs=$(mandos_programs) || return 1
    keys=$(mandos_keys) || return 1
    read -r user group < <(mandos_user)

    for file in "$keys"/*; do
        if [[ -f $file ]] && ! mandos_is_leftover "${file##*/}"; then
            inst_simple "$file" "/etc/mandos/keys/${file##*/}"
            chown "$user:$group" "$initdir/etc/mandos/keys/${file##*/}"
            chmod 0600 "$initdir/etc/mandos/keys/${file##*/}"
        fi
    done
    mandos_install_hooks
    inst_hook cmdline 20 "$moddir/mandos-cmdline.sh"

    if dracut_module_included "systemd"; then
        inst "$programs/plugins.d/mandos-client" /lib/mandos/plugins.d/mandos-client
        inst "$programs/password-agent" /lib/mandos/password-agent
        mandos_install_programs plugin-helpers "$programs"
        for file in ask-password-mandos.path ask-password-mandos.service; do
            inst_simple "$moddir/$file" "$systemdsystemunitdir/$file"
        done
        sed -i -e "s/@USER@/$user/g" -e "s/@GROUP@/$group/g" "$initdir$systemdsystemunitdir/ask-password-mandos.service"
        for file in /etc/systemd/system/ask-password-mandos.service.d/*.conf; do
            [[ ! -f $file ]] || inst_simple "$file"
        done
        mkdir -p "$initdir$systemdsystemunitdir/sysinit.target.wants"
        ln -sf ../ask-password-mandos.path "$initdir$systemdsystemunitdir/sysinit.target.wants/"
    else
        inst "$programs/plugin-runner" /lib/mandos/plugin-runner
        mandos_install_programs plugins.d "$programs"
        mandos_install_programs plugin-helpers "$programs"
        inst_simple "$moddir/ask-for-password.sh" /lib/mandos/ask-for-password.sh
        {
            echo "--groupid=$group --userid=$user"
            echo "--options-for=mandos-client:--seckey=/etc/mandos/keys/seckey.txt,--pubkey=/etc/mandos/keys/pubkey.txt"
            echo "--options-for=mandos-client:--tls-privkey=/etc/mandos/keys/tls-privkey.pem,--tls-pubkey=/etc/mandos/keys/tls-pubkey.pem"
            [[ ! -f /etc/mandos/plugin-runner.conf ]] || cat /etc/mandos/plugin-runner.conf
        } > "$initdir/etc/mandos/plugin-runner.conf"
        chmod 0644 "$initdir/etc/mandos/plugin-runner.conf"
    fi
    # The plugins are not root, and need a way to themselves, to the keys and to the libraries.
    find "$initdir/lib/mandos" "$initdir/etc/mandos" -type d -exec chmod 0755 {} +
    chmod a+rx "$initdir" "$initdir/etc" "$initdir/lib" "$initdir/usr" "$initdir/usr/lib" 2> /dev/null
    return 0
}
