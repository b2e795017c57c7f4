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

/* Refuses weights that are quantized in a way of Hugging Face's own ("gptq", "awq",
 * "bitsandbytes", "compressed-tensors", "fp8"), named as "quantization_config" names it.
 * null and false are no such way.  0, or -1 and the reason in e, with what to take and,
 * behind that, instead (", or ..."; "": nothing else). */
int hf_config_refuse_quantized(const struct json_file *f, const char *instead,
                               struct error *e);

/* What a model is, by its config.json, that no model here is: " (a mixture of experts)"
 * or " (a model of more than texts)"; "" where neither shows.  One expert or none is no
 * mixture. */
const char *hf_config_beyond(const struct json_file *f);

#endif
