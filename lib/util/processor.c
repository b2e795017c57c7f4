#include "util/processor.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

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

/* Linux: a process may use tiles once it has asked for them (x86/xstate.html). */
enum { ASK_FOR_PART = 0x1023, TILE_DATA = 18 };

static bool ask_for_tiles(void)
{
    enum { AMX_BF16 = 1 << 22, AMX_TILE = 1 << 24 };
    unsigned a, b, c, d;

    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && d & AMX_BF16 && d & AMX_TILE
           && !syscall(SYS_arch_prctl, ASK_FOR_PART, TILE_DATA);
}

bool processor_has_tiles(void)
{
    static atomic_int known; /* 0: not yet; asking twice does no harm */

    if (!known)
        known = ask_for_tiles() ? 1 : -1;
    return known > 0;
}

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

#else

bool processor_has_tiles(void)
{
    return false;
}

#endif
