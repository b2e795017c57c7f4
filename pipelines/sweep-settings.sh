# shellcheck shell=bash disable=SC2154 # variables of sweep
# The settings of a sweep: which filter each goes to, all combinations, whether the
# filters take the values, and the files of the runs.  Sourced by sweep.

declare -A has=()    # "cf-train dim": value or flag
declare -A targets=() # "dim": "cf-train dim", a line for each filter that it goes to
names=() rows=()     # of the settings; their values, tabs between

# What a filter is given by the line itself, or what does not belong into a sweep.
reserved=' for from as only checkpoint resume stop-after checkpoint-every part fragment
           threads quiet lines help version '

# Asks the filters what options they have.
read_options() {
    local filter option kind

    for filter in "${filters[@]}"; do
        while read -r option kind; do
            [[ $reserved = *[[:space:]]"$option"[[:space:]]* ]] ||
                has["$filter $option"]=$kind
        done < <("$filter" --help |
            sed -nE 's/^  .{3} --([a-z0-9-]+) [^ ].*/\1 value/p
                     s/^  .{3} --([a-z0-9-]+)(  .*|$)/\1 flag/p')
    done
}

# find_targets NAME: sets targets of a setting, or says why there is none.
find_targets() {
    local name=$1 option=${1#*.} found=() filter

    for filter in "${filters[@]}"; do
        [ "${has["$filter $option"]-}" ] || continue
        case $name in
        "$filter.$option") found+=("$filter") ;;
        seed) [[ $filter != *-train ]] || found+=("$filter") ;;
        "$option") found+=("$filter") ;;
        esac
    done
    if [ ${#found[@]} = 0 ]; then
        usage "$name: no filter of this line has it: ${filters[*]}"
    elif [ ${#found[@]} -gt 1 ] && [ "$name" != seed ]; then
        usage "$name: several filters have it: say ${found[0]}.$name= or another of ${found[*]}"
    fi
    targets[$name]=$(printf "%s $option\n" "${found[@]}")
}

# add_name NAME: one more column.
add_name() {
    local known

    for known in "${names[@]}"; do
        [ "$known" != "$1" ] || usage "$1 is given twice"
    done
    find_targets "$1"
    names+=("$1")
}

# The words of a list 1,2,5..7, one a line.
values_of() {
    local word

    for word in ${1//,/ }; do
        if [[ $word =~ ^([0-9]{1,9})\.\.([0-9]{1,9})$ ]]; then
            seq "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
        else
            echo "$word"
        fi
    done
}

# refuse_twice WHAT VALUE...: one run twice would count as two seeds in a mean.
refuse_twice() {
    local twice
    twice=$(printf '%s\n' "${@:2}" | sort | uniq -d | head -n 1)
    [ -z "$twice" ] || usage "$1: '$twice' is given twice"
}

read_list() {
    local head name words row tabs

    [ -r "$list" ] || usage "--list: $list: no such file"
    # without a byte order mark and Windows' line ends
    IFS= read -r head < <(sed $'1s/^\xef\xbb\xbf//; s/\r$//' "$list") || [ -n "$head" ] ||
        usage "--list: $list is empty"
    read -ra words <<< "$head"
    for name in "${words[@]}"; do
        add_name "$name"
    done
    mapfile -t rows < <(tail -n +2 "$list" | sed $'s/\r$//' | grep -v '^$')
    for row in "${rows[@]}"; do
        tabs=${row//[!$'\t']/}
        [ ${#tabs} = $((${#names[@]} - 1)) ] ||
            usage "--list: '$row' has not a value for each of ${names[*]}"
    done
    refuse_twice --list "${rows[@]}"
}

# Every row of the list with every combination of the grid, the last name fastest.
expand_grid() {
    local setting name values value row more

    if [ -n "$list" ]; then
        read_list
    else
        rows=('')
    fi
    for setting in "${grid[@]}"; do
        name=${setting%%=*}
        add_name "$name"
        mapfile -t values < <(values_of "${setting#*=}")
        [ ${#values[@]} -gt 0 ] || usage "$name: no values"
        refuse_twice "$name" "${values[@]}"
        more=()
        for row in "${rows[@]}"; do
            for value in "${values[@]}"; do
                more+=("${row:+$row$'\t'}$value")
            done
        done
        rows=("${more[@]}")
    done
    [ ${#rows[@]} -gt 0 ] || usage "no runs"
}

# words NAME VALUE: lines of a filter and its option, as a run's file has them.
words() {
    local filter option

    while read -r filter option; do
        case ${has["$filter $option"]}.$2 in
        value.*) echo "$filter --$option $2" ;;
        flag.yes) echo "$filter --$option" ;;
        flag.no) echo "$filter --no-$option" ;;
        esac
    done <<< "${targets[$1]}"
}

# Asks each filter about each value once: it parses them as when it runs.
check_values() {
    local i row name cells line filter rest seen=$'\n'

    for row in "${rows[@]}"; do
        IFS=$'\t' read -ra cells <<< "$row"
        for i in "${!names[@]}"; do
            name=${names[i]}
            [[ ${cells[i]-} =~ ^[A-Za-z0-9_.,:+@%/-]+$ ]] ||
                usage "$name: '${cells[i]-}' is no value"
            line=$(words "$name" "${cells[i]}")
            [ -n "$line" ] || usage "$name is a flag: yes or no, not ${cells[i]}"
            [[ $seen != *$'\n'"$line"$'\n'* ]] || continue
            seen+=$line$'\n'
            while read -r filter rest; do
                # shellcheck disable=SC2086 # an option and its value
                "$filter" $rest --help > /dev/null || usage "$name=${cells[i]} is refused"
            done <<< "$line"
        done
    done
}

# Is --metric a column of the runs' tables, the measures and cut-offs that metrics has by
# default?  ndcg@1 is hr@1.
check_metric() {
    local measure k names=()

    for measure in $(default_of measures); do
        for k in $(default_of k); do
            case $measure@$k in
            mrr@*) k='' ;;
            ndcg@1) continue ;;
            esac
            [[ " ${names[*]} " = *" $measure${k:+@$k} "* ]] || names+=("$measure${k:+@$k}")
        done
    done
    [[ " ${names[*]} " = *" $metric "* ]] ||
        usage "--metric: '$metric' is none of ${names[*]}"
}

# default_of OPTION: the words of this default of metrics.
default_of() {
    metrics --help | sed -nE "s/^.*--$1 TEXT .*\[(.*)\]\$/\\1/p" | tr , ' '
}

print_settings() {
    local i

    (IFS=$'\t'; printf 'run\t%s\n' "${names[*]}")
    for i in "${!rows[@]}"; do
        printf '%d\t%s\n' $((i + 1)) "${rows[i]}"
    done
}

# What every run has in common.
print_line() {
    printf '%s\n' "scorer $scorer" "data $(place "${MILLRACE_DATA:-ml-100k}")" \
        "encoder $(place "${MILLRACE_ENCODER:-MiniLM}")" \
        "llm $(place "${MILLRACE_LLM:-SmolLM2.gguf}")"
}

# place NAME: a path from here as one from anywhere, as runs start in their own folder.
place() {
    if [[ $1 = */* && -e $1 ]]; then
        realpath -s -- "$1"
    else
        printf '%s\n' "$1"
    fi
}

# $work/settings.tsv, and a file for each run.  A folder is for one sweep.
write_runs() {
    local i k cells

    if [ -e "$work/settings.tsv" ] &&
        ! cmp -s <(print_settings; print_line) <(cat "$work/settings.tsv" "$work/line"); then
        usage "$work holds another sweep: name another folder with --out"
    fi
    mkdir -p "$work/runs"
    cp "$here/sweep-run" "$work/runs/sweep-run"
    for i in "${!rows[@]}"; do
        IFS=$'\t' read -ra cells <<< "${rows[i]}"
        {
            print_line
            echo "threads $threads"
            for k in "${!names[@]}"; do
                words "${names[k]}" "${cells[k]}"
            done
        } > "$work/runs/$((i + 1)).settings"
    done
    print_line > "$work/line"
    print_settings > "$work/settings.tsv"
}

# A Slurm array job: run N of the array is run N of the sweep.
write_slurm() {
    cat << END
#!/bin/bash
#SBATCH --job-name=millrace-sweep
#SBATCH --array=1-$runs
#SBATCH --cpus-per-task=$threads
#SBATCH --output=${work//%/%%}/runs/slurm-%a.out
# Written by pipelines/sweep.  Submit with sbatch; afterwards, anywhere:
#   ${here@Q}/sweep --gather --out ${work@Q}
set -euo pipefail
export PATH=${top@Q}/bin:\$PATH
[ -n "\${MILLRACE_PATH:-}" ] || export MILLRACE_PATH=${MILLRACE_PATH@Q}
cd ${work@Q}/runs
exec bash sweep-run "\$SLURM_ARRAY_TASK_ID.settings"
END
}
