#include "models/decoder_load.h"

#include "util/file.h"

struct decoder *decoder_load(const char *path, enum frozen_precision precision,
                             struct error *e)
{
    return file_is_folder(path) ? decoder_load_hf(path, precision, e)
                                : decoder_load_gguf(path, precision, e);
}
