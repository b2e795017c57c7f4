#include "stream/reads.h"

#include "cli/cli.h"
#include "util/error.h"
#include "util/escape.h"

#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void reads_tell(const char *kind, const char *text)
{
    printf("%s\t", kind);
    escape_put(stdout, text, strlen(text));
    putchar('\n');
}

/* Another build of OpenBLAS or of libm rounds otherwise. */
static int tell_library(struct dl_phdr_info *library, size_t size, void *data)
{
    (void)size, (void)data;
    if (library->dlpi_name[0] == '/')
        reads_tell("library", library->dlpi_name);
    return 0;
}

static void tell_executable(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

    if (n < 0)
        die("/proc/self/exe: %s", strerror(errno));
    path[n] = 0;
    reads_tell("executable", path);
}

void reads_begin(void)
{
    puts(READS_FIRST);
    reads_tell("program", filter_name);
    reads_tell("version", MILLRACE_VERSION);
    tell_executable();
    dl_iterate_phdr(tell_library, NULL);
    cli_tell(reads_tell);
    if (cli_only)
        reads_tell("only", "yes");
    if (quiet)
        reads_tell("quiet", "yes");
}

void reads_end(void)
{
    puts("end");
    if (fflush(stdout) != 0)
        die("<stdout>: %s", strerror(errno));
    exit(STATUS_DONE);
}

void reads_bytes(const char *output)
{
    if (!cli_reads)
        return;
    reads_begin();
    reads_tell("input", "bytes");
    reads_tell("output", output);
    reads_end();
}
