# shellcheck shell=bash disable=SC2154
# (The variables are the runner's.)
# What the runners of many trainings share: sweep, table1, scenario.  Sourced after
# common.sh.  `runner` is a runner's name, `synopsis` its usage line, and `subject` what it
# runs ("ablations"), where that is one thing of several.
subject='' resume=''

# usage MESSAGE: a mistake on the command line
usage() {
    printf '%s: %s\n' "$runner" "$1" >&2
    printf 'usage: %s %s   (--help for more)\n' "$runner" "$synopsis" >&2
    exit 2
}

# fail MESSAGE: the data or the machine
fail() {
    printf '%s: %s\n' "$runner${subject:+: $subject}" "$1" >&2
    exit 1
}

# reason LOG: the last line that says why; that a filter behind the one that failed got no
# input does not.
reason() {
    { grep -vE '^usage: |: no input$' "$1" || cat "$1"; } 2> /dev/null | tail -n 1
}

fail_log() { # LOG
    fail "$(reason "$1") ($1)"
}

# number NAME VALUE LEAST
number() {
    if ! [[ $2 =~ ^[0-9]{1,9}$ ]] || [ "$2" -lt "$3" ]; then
        usage "--$1: '$2' is not a number from $3"
    fi
}

# options NAMES ARGUMENT...: sets a variable for each option that is given, llm_large for
# --llm-large.  NAMES are a word list of the options, which take a value.  --resume sets
# resume, --help prints what the function show_help prints.
options() {
    local names=" $1 " option

    shift
    while [ $# -gt 0 ]; do
        option=${1#--}
        case $1 in
        --help) show_help; exit 0 ;;
        --resume) resume=yes; shift; continue ;;
        --*)
            [[ $names = *" $option "* ]] ||
                usage "$([ -n "$subject" ] && echo "$subject has" || echo "there is") no option $1"
            ;;
        *) usage "'$1' is no option" ;;
        esac
        [ $# -ge 2 ] || usage "$1 needs a value"
        printf -v "${option//-/_}" %s "$2"
        shift 2
    done
}

# quoted WORD: as a shell reads it.
quoted() {
    [[ $1 =~ ^[A-Za-z0-9_./,:=+-]+$ ]] && echo "$1" || printf '%s\n' "${1@Q}"
}

# settings NAMES: "llm_large=..." for each of these options: what makes a run what it is.
settings() {
    local option

    for option in ${1//-/_}; do
        printf '%s=%s\n' "$option" "${!option}"
    done
}

# same_settings NAMES: for a runner that goes on without --resume: the folder belongs to
# these settings.
same_settings() {
    local other

    if [ -e "$work/settings" ]; then
        other=$({ grep -vxFf <(settings "$1") -- "$work/settings" || :; } | paste -sd ' ')
        [ -z "$other" ] ||
            fail "$work holds a run with $other: repeat that, or name another folder"
    elif [ -e "$work/text.mr" ]; then
        fail "$work holds a run whose settings are not known: name another folder"
    fi
    settings "$1" > "$work/settings"
}

# open_folder NAMES: the folder is this run's alone, and belongs to these settings.  From
# here on a signal ends what runs below the runner.
open_folder() {
    mkdir -p "$work/log"
    exec 9> "$work/lock"
    flock -w 5 9 || fail "$work: another run is still at work there"
    if [ -e "$work/settings" ]; then
        [ -n "$resume" ] || fail "$work holds a run: --resume goes on with it"
        settings "$1" | cmp -s - "$work/settings" ||
            fail "$work/settings: not this command line's; another --folder?"
    fi
    settings "$1" > "$work/settings"
    trap end_jobs EXIT
}

# end_jobs: what a signal leaves running below the runner.  Bash runs the trap of EXIT at a
# signal too; a trap of TERM that comes within the parsing of "$(...)" is a syntax error to
# bash 5.2, and is not run.
end_jobs() {
    local running
    mapfile -t running < <(jobs -pr)
    [ ${#running[@]} = 0 ] || kill -TERM "${running[@]}" 2> /dev/null || :
    wait
}

# interruptible COMMAND...: runs it, and ends it where a signal ends the runner.
interruptible() {
    local status=0

    "$@" &
    wait $! || status=$?
    return $status
}

# rows_of NAME [FILE...]: how many rows it has there; nothing where it is not there.
rows_of() {
    stream-show --tsv --name "$1" "${@:2}" | awk -F '\t' -v name="$1" \
        '$1 == name { gsub(/[][]/, "", $3); sub(/,.*/, "", $3); print $3 }'
}

# The processor's name, as the tables give it.
processor() {
    sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1
}
