/* Finds where a msgpack object ends before any unpacker sees it, with every
 * count checked: `dd 10 00 00 00` alone would make msgpack-c reserve 8 GB. */
#ifndef STREAM_WALK_H
#define STREAM_WALK_H

#include <stddef.h>

#define WALK_DEPTH 8                    /* a frame nests 4 deep */
#define FRAME_BYTES_MAX (64u << 20)     /* no frame is longer */
#define FRAME_ITEMS_MAX (1u << 20)      /* or has more items: each takes 24 bytes */

enum walk_result { WALK_WHOLE, WALK_MORE, WALK_BAD };

/* Looks at the object that starts at p, of which n bytes are here.  Returns WALK_WHOLE
 * and the object's length in *size; WALK_MORE and in *size how many bytes it needs at
 * least; or WALK_BAD and the reason in *why where no such object can be a frame. */
enum walk_result walk_object(const unsigned char *p, size_t n, size_t *size,
                             const char **why);

#endif
