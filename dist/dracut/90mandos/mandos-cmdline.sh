# shellcheck shell=sh
# Obeys the kernel's command line, as initramfs-tools' script does: mandos=off, mandos=connect, mandos=connect:ADDRESS:PORT,
# mandos=debug (several with commas between them), ip= and vlan=. Sourced by dracut.

type getargs > /dev/null 2>&1 || . /lib/dracut-lib.sh

# Options for mandos-client, one a line.
mandos_options() {
    mandos_connect=
    mandos_words=
    for mandos_word in $(getargs mandos=); do
        mandos_words="$mandos_words $(echo "$mandos_word" | tr , ' ')"
    done
    for mandos_word in $mandos_words; do
        case $mandos_word in
            connect) mandos_connect=yes ;;
            connect:*) mandos_connect=yes; echo "--connect=${mandos_word#connect:}" ;;
            debug) echo --debug ;;
            *) warn "mandos: \"$mandos_word\" in mandos= on the kernel's command line is not known" ;;
        esac
    done
    [ -n "$mandos_connect" ] || return 0
    for mandos_word in $(getargs ip=); do
        echo "--ip=$mandos_word"
    done
    for mandos_word in $(getargs vlan=); do
        echo "--vlan=$mandos_word"
    done
}

mandos_is_off() {
    for mandos_word in $(getargs mandos=); do
        case ,$mandos_word, in
            *,off,*) return 0 ;;
        esac
    done
    return 1
}

mkdir -p /run/mandos
if mandos_is_off; then
    info "mandos: switched off on the kernel's command line"
    : > /run/mandos/off
elif [ -x /lib/mandos/password-agent ]; then
    # Read by ask-password-mandos.service.
    echo "MANDOS_BOOT_OPTIONS=\"$(mandos_options | tr '\n' ' ')\"" > /run/mandos/options
else
    for mandos_word in $(mandos_options); do
        case $mandos_word in
            *[,#]*) warn "mandos: \"$mandos_word\" is not used: neither a comma nor \"#\" can be in it" ;;
            *) echo "--options-for=mandos-client:$mandos_word" ;;
        esac
    done >> /etc/mandos/plugin-runner.conf
    # The function that asks for passwords is defined anew behind its first definition.
    cat /lib/mandos/ask-for-password.sh >> /lib/dracut-crypt-lib.sh
fi
