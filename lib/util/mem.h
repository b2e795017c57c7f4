/* Memory that is there or the program stops: no caller has a better answer. */
#ifndef UTIL_MEM_H
#define UTIL_MEM_H

#include <stddef.h>

/* Returns count x size zeroed bytes, aligned to 64, that the caller frees.  Ends the
 * program where the memory is not there. */
void *mem_new(size_t count, size_t size);

/* Returns old, which may be NULL, grown to count x size bytes.  New bytes are not zeroed.
 * Ends the program where the memory is not there. */
void *mem_resize(void *old, size_t count, size_t size);

/* Returns the machine's memory in bytes. */
size_t mem_of_machine(void);

/* Returns a copy of s that the caller frees. */
char *mem_string(const char *s);

/* Returns what printf would print, as a new string that the caller frees. */
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* count items of *array's type, doubling: MEM_PUSH(list, n, room, item). */
#define MEM_PUSH(list, n, room, item)                                          \
    do {                                                                       \
        if ((n) == (room)) {                                                   \
            (room) = (room) ? 2 * (room) : 16;                                 \
            (list) = mem_resize((list), (size_t)(room), sizeof *(list));       \
        }                                                                      \
        (list)[(n)++] = (item);                                                \
    } while (0)

#endif
