# bash completion for mandos-ctl: options, their arguments, and the names of the clients that the server has.
# To be installed as /usr/share/bash-completion/completions/mandos-ctl.

_mandos_ctl_add() {
  # Candidates that begin with what was typed, quoted where the shell needs it.
  local word
  while IFS= read -r word; do
    [[ $word == "$2"* ]] && COMPREPLY+=("$(printf '%q' "$word")")
  done <<<"$1"
}

_mandos_ctl() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()

  # --option=value is three words for bash.
  if [[ $current == "=" ]]; then
    current=""
  elif [[ $previous == "=" && $COMP_CWORD -gt 1 ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi

  case $previous in
    -s | --secret)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
    -t | --timeout | --extended-timeout | -i | --interval | --approval-delay | --approval-duration)
      mapfile -t COMPREPLY < <(compgen -W "PT30S PT1M PT5M PT1H P1D P1W" -- "$current")
      return
      ;;
    -H | --host)
      mapfile -t COMPREPLY < <(compgen -A hostname -- "$current")
      return
      ;;
    -c | --checker)
      mapfile -t COMPREPLY < <(compgen -c -- "$current")
      return
      ;;
  esac

  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "
      -a --all -v --verbose -j --dump-json -e --enable -d --disable -b --bump-timeout --start-checker --stop-checker
      -V --is-enabled -r --remove -c --checker -t --timeout --extended-timeout -i --interval --approve-by-default
      --deny-by-default --approval-delay --approval-duration -H --host -s --secret -A --approve -D --deny --debug
      --check --version -h --help" -- "$current")
    return
  fi
  if [[ $COMP_CWORD -eq 1 ]]; then
    _mandos_ctl_add $'explain\nlog\nlockdown\nreload\nadd\nnames' "$current"
  fi
  if [[ $COMP_CWORD -eq 1 || ! ${COMP_WORDS[1]-} =~ ^(log|lockdown|reload|add|names)$ ]]; then
    _mandos_ctl_add "$("${COMP_WORDS[0]}" names 2>/dev/null)" "$current"
  fi
}

complete -F _mandos_ctl mandos-ctl
