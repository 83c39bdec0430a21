#!/usr/bin/env zsh
# Prints what a real, interactive zsh would offer for the last word of LINE, one candidate a line.
# usage: complete.zsh DIRECTORY-OF-_inetctl LINE; status 77 when zsh has no pseudo-terminals.
emulate -L zsh
zmodload zsh/zpty 2>/dev/null || exit 77
work=$(mktemp -d) || exit 1

cat >$work/setup <<END
PROMPT= ; RPROMPT=
fpath=(${(q)1} \$fpath)
autoload -Uz compinit && compinit -u -D
# Every match goes through compadd: what it would add is written down, and nothing is inserted. Calls with
# -O, -A or -D only sort words into arrays.
compadd() {
    local -a hits
    if [[ -z \${argv[(r)-[OAD]]} ]]; then
        builtin compadd -A hits "\$@"
        (( \$#hits )) && print -rl -- \$hits >>$work/hits
    fi
    builtin compadd "\$@"
}
offer() { _main_complete; compstate[insert]=; compstate[list]=; print done >$work/done }
zle -C offer complete-word offer
bindkey '^I' offer
print ready >$work/ready
END

wait_for() {
    local i
    for ((i = 0; i < 400; i++)); do
        [[ -s $1 ]] && return
        zpty -rt shell output 2>/dev/null
        sleep 0.025
    done
    print -u2 "zsh gave no answer"
    return 1
}
: >$work/hits
zpty shell TERM=dumb zsh -f -i
zpty -w shell "source $work/setup"
wait_for $work/ready && zpty -w -n shell "$2"$'\t' && wait_for $work/done
status_found=$?
zpty -d shell
sort -u $work/hits
rm -rf $work
exit $status_found
