#include "util/processor.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define NAME(name, macro) name,
static const char *const names[] = { PROCESSOR_PARTS(NAME) };

const char *processor_missing(unsigned needed, unsigned there)
{
    for (int i = 0; i < PROCESSOR_PART_COUNT; i++)
        if ((needed & ~there) >> i & 1)
            return names[i];
    return NULL;
}

#ifdef __x86_64__

#define THERE(name, macro) \
    | (__builtin_cpu_supports(name) ? 1u << PROCESSOR_##macro : 0)

static unsigned parts_there(void)
{
    __builtin_cpu_init();
    return 0 PROCESSOR_PARTS(THERE);
}

static void print(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        _exit(1);
}

/* Before main, whose first instruction may already be one that is not there.  It takes
 * 0.05 ms in a virtual machine, where each cpuid traps. */
__attribute__((constructor)) static void check_processor(void)
{
    const char *missing = processor_missing(processor_needed, parts_there());

    if (!missing)
        return;
    print(program_invocation_short_name);
    print(": built for processors with ");
    print(missing);
    print(", which this one lacks: build it from its source here\n");
    _exit(1);
}

#endif
