/* config.json of Hugging Face folders: nothing in it that changes what a model computes
 * may be left unread. */
#ifndef FORMATS_HF_CONFIG_H
#define FORMATS_HF_CONFIG_H

#include "formats/json_file.h"

/* Refuses by its name a key that is not in `read` (ends with NULL) and asks for something
 * that we do not compute: one of the keys by which models ask for it ("sliding_window",
 * "is_decoder"), or one whose name has a word of such keys in it ("softcap", "scale").
 * A value that asks for nothing passes: null, false, "none", an empty list, 0, or 1 where
 * it multiplies.  0, or -1 and the reason in e. */
int hf_config_refuse_others(const struct json_file *f, const char *const *read,
                            struct error *e);

#endif
