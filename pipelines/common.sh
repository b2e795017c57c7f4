# shellcheck shell=bash
# What every pipeline begins with: strict shell, our programs first on PATH, and a
# folder for the streams.  Sourced; sets `work`.
# A descriptor that is closed would be the next file's: reading or writing it fails instead.
[ -e /proc/self/fd/0 ] || exec 0> /dev/null
[ -e /proc/self/fd/1 ] || exec 1< /dev/null
[ -e /proc/self/fd/2 ] || exec 2< /dev/null
set -euo pipefail
top=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd) || exit 1
if [ -e "$top/Makefile" ]; then # the source tree
    export PATH=$top/bin:$PATH
    export MILLRACE_PATH=${MILLRACE_PATH:-$top/samples/fetched}
    results=$top/.build/
else # installed: share/millrace; lib/millrace has programs that bin has as millrace-NAME
    prefix=$(cd "$top/../.." && pwd)
    data=${XDG_DATA_HOME:-${HOME:-}/.local/share}/millrace
    export PATH=$prefix/lib/millrace:$prefix/bin:$PATH
    export MILLRACE_PATH=${MILLRACE_PATH:-$data:$top}
    results=$PWD/millrace-
fi

# begin NAME: results of the pipeline go to $MILLRACE_WORK, by default .build/NAME, or
# millrace-NAME in the current folder where it is installed.
begin() {
    # shellcheck disable=SC2034 # used by the pipelines
    work=${MILLRACE_WORK:-$results$1}
    [[ $work != -* ]] || work=./$work # no option
    mkdir -p "$work"
    SECONDS=0
}

# head_of SCRIPT: the comment that a script begins with.
head_of() {
    sed -n '2,/^\(# shellcheck source.*\|[^#].*\|\)$/{/^# shellcheck/d;s/^# \{0,1\}//p}' -- "$1"
}

# take_folder ARGUMENT...: what a pipeline without options takes, a folder for its results.
# --help prints the comment that the pipeline begins with.
take_folder() {
    case ${1-} in
    --help | -h) head_of "$0"; exit 0 ;;
    -*) echo "${0##*/}: there is no option $1   (--help for more)" >&2; exit 2 ;;
    esac
    if [ $# -gt 1 ]; then
        echo "${0##*/}: expected one folder, found $#   (--help for more)" >&2
        exit 2
    fi
    [ $# = 0 ] || export MILLRACE_WORK=$1
}

# make_stream FILE COMMAND...: the command's output as a file that appears whole; one
# that is there from an earlier run stays.
make_stream() {
    local file=$1 status
    shift
    if [ -s "$file" ] && stream-check -q "$file" 2> /dev/null; then
        return
    fi
    "$@" > "$file.part"
    status=$? # set -e is off where a caller asks for the status
    [ "$status" = 0 ] || return "$status"
    mv "$file.part" "$file"
}

# heading TEXT: where we are, and the minutes since the beginning.
heading() {
    printf '\n== %s (%d:%02d)\n' "$1" $((SECONDS / 60)) $((SECONDS % 60)) >&2
}
