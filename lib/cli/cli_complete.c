/* What completes the program's command line in bash, zsh and fish, from its options. */
#include "cli/cli_parts.h"

#include "cli/option_table.h"
#include "util/error.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* What an option's value is, for a shell. */
enum value { NONE, FILE_NAME, CHOICE, PRESET, TENSOR, ANY };

static enum value value_of(const struct opt *o)
{
    switch (o->type) {
    case OPT_FLAG:
        return NONE;
    case OPT_PATH:
    case OPT_OUTPUT:
        return FILE_NAME;
    case OPT_CHOICE:
        return CHOICE;
    case OPT_STRING:
        if (strcmp(o->name, "preset") == 0)
            return PRESET;
        return strcmp(o->name, "name") == 0 || strcmp(o->name, "pick") == 0 ? TENSOR
                                                                            : ANY;
    default:
        return ANY;
    }
}

/* The words of an option with `between` between them. */
static void print_words(const struct cli *cli, const struct opt *o, const char *between)
{
    if (value_of(o) == CHOICE)
        for (int i = 0; o->choices[i]; i++)
            printf("%s%s", i ? between : "", o->choices[i]);
    if (value_of(o) == PRESET)
        for (const struct preset *p = cli->presets; p->name; p++)
            printf("%s%s", p > cli->presets ? between : "", p->name);
}

/* The kinds of which the first operand is one, with `between` between them. */
static void print_kinds(const struct cli *cli, const char *between)
{
    for (int i = 0; cli->kinds[i]; i++)
        printf("%s%s", i ? between : "", cli->kinds[i]);
}

/* "millrace-" where the programs were installed under such names: then stream-show is
 * called so too. */
static const char *prefix(void)
{
    return filter_name == program_name ? "" : CLI_PREFIX;
}

/* A function's name of the program's: "_millrace_cf_train". */
static void print_function(void)
{
    printf("_millrace_");
    for (const char *c = program_name; *c; c++)
        putchar(isalnum((unsigned char)*c) ? *c : '_');
}

/* Every option as bash and zsh's names of it: "--seed -n --number". */
static void print_all_options(void)
{
    const struct opt *o;

    for (int i = 0; (o = option_at(i)); i++) {
        printf("--%s ", o->name);
        if (o->type == OPT_FLAG && *(bool *)o->value)
            printf("--no-%s ", o->name);
    }
    printf("--help --version");
}

/* A case of bash for the options whose values are of that kind. */
static void bash_case(enum value kind, const char *what)
{
    const struct opt *o;
    int n = 0;

    for (int i = 0; (o = option_at(i)); i++) {
        if (value_of(o) != kind)
            continue;
        printf("%s--%s", n++ ? "|" : "    ", o->name);
        if (o->letter)
            printf("|-%c", o->letter);
    }
    if (n)
        printf(")\n        %s ;;\n", what);
}

static void bash_words(const struct cli *cli)
{
    const struct opt *o;

    for (int i = 0; (o = option_at(i)); i++) {
        if (value_of(o) != CHOICE && value_of(o) != PRESET)
            continue;
        printf("    --%s", o->name);
        if (o->letter)
            printf("|-%c", o->letter);
        printf(")\n        mapfile -t COMPREPLY < <(compgen -W '");
        print_words(cli, o, " ");
        printf("' -- \"$word\") ;;\n");
    }
}

static const char bash_names[] =
    "        local file files=() head=\n"
    "        for file in \"${COMP_WORDS[@]:1}\"; do\n"
    "            [ -f \"$file\" ] && files+=(\"$file\")\n"
    "        done\n"
    "        [ ${#files[@]} -gt 0 ] || mapfile -t files < <(compgen -G '*.mr')\n"
    "        [[ $word != *,* ]] || head=${word%,*},\n"
    "        mapfile -t COMPREPLY < <(for file in \"${files[@]}\"; do\n"
    "            timeout 5 \"$show\" -q --tsv \"$file\" 2> /dev/null\n"
    "        done | cut -f 1 | grep -F . | sort -u | grep -vxE 'name|history' |\n"
    "            compgen -P \"$head\" -W '$(cat)' -- \"${word##*,}\")";

static const char bash_files[] =
    "        compopt -o filenames 2> /dev/null\n"
    "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")";

static void print_bash(const struct cli *cli)
{
    print_function();
    printf("()\n{\n"
           "    local word=${COMP_WORDS[COMP_CWORD]}\n"
           "    local before=${COMP_WORDS[COMP_CWORD - 1]}\n"
           "    local show=%sstream-show\n\n"
           "    if [ \"$word\" = = ]; then\n"
           "        word=\n"
           "    elif [ \"$before\" = = ]; then\n"
           "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
           "    fi\n"
           "    COMPREPLY=()\n"
           "    case $before in\n", prefix());
    bash_words(cli);
    bash_case(TENSOR, bash_names + 8);
    bash_case(FILE_NAME, bash_files + 8);
    bash_case(ANY, ":");
    printf("    *)\n        if [[ $word = -* ]]; then\n"
           "            mapfile -t COMPREPLY < <(compgen -W '");
    print_all_options();
    printf("' -- \"$word\")\n");
    if (cli->flags & CLI_COMMAND)
        printf("        elif [ \"$COMP_CWORD\" = 1 ]; then\n"
               "            mapfile -t COMPREPLY < <(compgen -c -- \"$word\")\n");
    if (cli->kinds) {
        printf("        elif [[ \" ${COMP_WORDS[*]:1:COMP_CWORD-1} \" != *' '@(");
        print_kinds(cli, "|");
        printf(")' '* ]]; then\n"
               "            mapfile -t COMPREPLY < <(compgen -W '");
        print_kinds(cli, " ");
        printf("' -- \"$word\")\n");
    }
    printf("        else\n    %s\n        fi ;;\n    esac\n}\ncomplete -F ", bash_files);
    print_function();
    printf(" %s\n", program_name);
}

/* The text within single quotes, with a backslash before each of `special`. */
static void print_quoted(const char *text, const char *special)
{
    for (; *text; text++) {
        if (*text == '\'')
            printf("'\\''");
        else
            printf("%s%c", strchr(special, *text) ? "\\" : "", *text);
    }
}

static const char zsh_names[] =
    "{ compadd -- ${${(f)\"$(for f in ${words[2,-1]}; do [[ -f $f ]] && "
    "%sstream-show -q --tsv $f 2> /dev/null; done | cut -f 1)\"}:#(name|history)} }";

static void zsh_option(const struct cli *cli, const struct opt *o)
{
    enum value kind = value_of(o);

    if (o->letter)
        printf(" \\\n    '(-%c --%s)'{-%c,--%s%s}'[", o->letter, o->name, o->letter,
               o->name, kind == NONE ? "" : "=");
    else
        printf(" \\\n    '--%s%s[", o->name, kind == NONE ? "" : "=");
    print_quoted(o->help, "[]\\");
    putchar(']');
    if (kind != NONE)
        printf(":%s:", o->name);
    if (kind == FILE_NAME) {
        printf("_files");
    } else if (kind == TENSOR) {
        printf(zsh_names, prefix());
    } else if (kind == CHOICE || kind == PRESET) {
        putchar('(');
        print_words(cli, o, " ");
        putchar(')');
    } else if (kind == ANY) {
        putchar(' ');
    }
    putchar('\'');
    if (kind == NONE && *(bool *)o->value)
        printf(" \\\n    '--no-%s[not --%s]'", o->name, o->name);
}

static void print_zsh(const struct cli *cli)
{
    printf("#compdef %s\n\n_arguments -s", program_name);
    for (int i = 0; option_at(i); i++)
        zsh_option(cli, option_at(i));
    printf(" \\\n    '(- *)'{-h,--help}'[print help]' \\\n"
           "    '(- *)--version[print name and version]' \\\n");
    if (cli->kinds) {
        printf("    '1:kind:(");
        print_kinds(cli, " ");
        printf(")' \\\n");
    }
    if (cli->flags & CLI_COMMAND)
        printf("    '*::command: _normal'\n");
    else
        printf("    '*:file:_files'\n");
}

static void fish_option(const struct cli *cli, const struct opt *o)
{
    enum value kind = value_of(o);

    printf("complete -c %s -l %s", program_name, o->name);
    if (o->letter)
        printf(" -s %c", o->letter);
    printf(" -d '");
    for (const char *c = o->help; *c; c++)
        printf("%s%c", *c == '\'' || *c == '\\' ? "\\" : "", *c);
    putchar('\'');
    if (kind == FILE_NAME)
        printf(" -r -F");
    else if (kind == ANY)
        printf(" -x");
    else if (kind == TENSOR)
        printf(" -x -a '(__millrace_names)'");
    else if (kind != NONE) {
        printf(" -x -a '");
        print_words(cli, o, " ");
        putchar('\'');
    }
    putchar('\n');
    if (kind == NONE && *(bool *)o->value)
        printf("complete -c %s -l no-%s -d 'not --%s'\n", program_name, o->name, o->name);
}

static void print_fish(const struct cli *cli)
{
    printf("function __millrace_names\n"
           "    for word in (commandline -opc)[2..-1]\n"
           "        test -f $word; and %sstream-show -q --tsv $word 2> /dev/null |\n"
           "            cut -f 1 | string match -v -r '^(name|history)$'\n"
           "    end\n"
           "end\n", prefix());
    for (int i = 0; option_at(i); i++)
        fish_option(cli, option_at(i));
    printf("complete -c %s -s h -l help -d 'print help'\n"
           "complete -c %s -l version -d 'print name and version'\n",
           program_name, program_name);
    if (cli->flags & CLI_COMMAND)
        printf("complete -c %s -n __fish_use_subcommand -xa "
               "'(__fish_complete_subcommand)'\n", program_name);
    if (cli->kinds) {
        printf("complete -c %s -n __fish_use_subcommand -xa '", program_name);
        print_kinds(cli, " ");
        printf("'\n");
    }
}

int cli_print_completion(const struct cli *cli, const char *shell)
{
    if (strcmp(shell, "bash") == 0)
        print_bash(cli);
    else if (strcmp(shell, "zsh") == 0)
        print_zsh(cli);
    else if (strcmp(shell, "fish") == 0)
        print_fish(cli);
    else
        return -1;
    return 0;
}
