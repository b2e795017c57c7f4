/* What every filter does with its streams.  A filter reads one or more whole
 * streams (its operands in order, or stdin), copies every frame through to
 * stdout as it is read, keeps what it asked for, and then adds one head and its
 * own tensors:
 *
 *     struct filter *f = filter_open(argc, argv, cli_parse(argc, argv, &cli));
 *     filter_keep(f, "item.title");
 *     filter_read(f);
 *     titles = filter_texts(f, "item.title", "data-import");
 *     ...
 *     filter_put(f, "item.text", &vectors, NULL);
 *     filter_close(f);
 *
 * Every function here dies with a clear message where something is wrong with
 * the data or the disk. */
#ifndef STREAM_FILTER_H
#define STREAM_FILTER_H

#include "stream/reader.h"
#include "stream/tensor.h"
#include "stream/writer.h"

struct filter;
struct stored;

/* argv[first..argc) name the inputs, "-" or nothing at all is stdin.  Refuses
 * to write to a terminal. */
struct filter *filter_open(int argc, char **argv, int first);

/* The same for a program that reads streams and writes words (metrics). */
struct filter *filter_open_reading(int argc, char **argv, int first);

/* A program that reads no stream and writes words (metrics of TREC's files). */
struct filter *filter_open_words(void);

/* A program that reads no stream (data-import). */
struct filter *filter_open_writing(void);

/* Accepts fragments (--fragment): as any input, or as standard input alone. */
void filter_accept_fragments(struct filter *f);
void filter_accept_fragment_of_stdin(struct filter *f);

/* Writes no head: what the program did leaves no trace in the stream. */
void filter_leave_no_head(struct filter *f);

/* Keeps what has this name; "item.*" keeps every name that begins so. */
void filter_keep(struct filter *f, const char *pattern);

/* The same for texts alone: numbers of such a name merely pass by. */
void filter_keep_texts(struct filter *f, const char *pattern);

/* Frames of what has this name (or "prefix.*") are not passed on, because the filter
 * writes them anew. */
void filter_replace(struct filter *f, const char *pattern);

/* A file that decides what is written and that no option of type OPT_PATH names. */
void filter_reads_file(struct filter *f, const char *path);

/* Under --reads (stream/reads.h) tells what the filter would read, by the calls above,
 * and ends the program; none of them may follow.  filter_read does it at its
 * beginning: to be called only by filters that load a model before that, and by those
 * that read no stream. */
void filter_declare(struct filter *f);

/* Instead of copying frames through, calls pass for each, but for ends. */
typedef void filter_pass(struct writer *out, const struct frame *frame);
void filter_pass_with(struct filter *f, filter_pass *pass);

/* Calls watch for every frame that is read, but for ends. */
typedef void filter_watch(const struct frame *frame, void *data);
void filter_watch_with(struct filter *f, filter_watch *watch, void *data);

/* The numbering of what a filter makes (numbering.h) is known from what it reads and
 * writes.  Of ids that come after what stands on them it is told before: the next row of
 * item.id or user.id, of `rows` in all. */
void filter_number(struct filter *f, const char *name, int64_t row, int64_t rows,
                   const char *text);

/* What it reads may be of several catalogues, and each of its tensors stands on what it
 * was made of alone: nothing is checked, and filter_put adds no attributes. */
void filter_numbers_apart(struct filter *f);

/* What it writes comes from elsewhere and is not judged: numbers need not be finite. */
void filter_puts_any_numbers(struct filter *f);

/* The attributes by which a kept tensor says what it stands on, borrowed, into list. */
enum { FILTER_STANDS = 264 };
int filter_standing(struct filter *f, const char *name, struct attr list[FILTER_STANDS]);

/* What it writes is made of the texts that were kept under that name. */
void filter_stands_on(struct filter *f, const char *name);

/* Reads all input to its verified end.  Dies where what is kept stands on other numbers
 * than the input's. */
void filter_read(struct filter *f);

/* What was kept.  The one of that name, checked to be of that type and number
 * of dimensions (0: any), borrowed from f until filter_close; dies with "run
 * MAKER first" where there is none, and where numbers are not finite that must be
 * (finite.h). */
const struct tensor *filter_tensor(struct filter *f, const char *name, enum dtype type,
                                   int dims, const char *maker);
const struct texts *filter_texts(struct filter *f, const char *name, const char *maker);

/* The same as filter_tensor, also checked for rows and columns (-1: any). */
const struct tensor *filter_tensor_sized(struct filter *f, const char *name,
                                         enum dtype type, int64_t rows, int64_t columns,
                                         const char *maker);

/* Is it there? */
bool filter_has(struct filter *f, const char *name);

/* What was kept under that name, or NULL; borrowed (stream/store.h). */
const struct stored *filter_stored(struct filter *f, const char *name);

/* The text-valued attribute of a kept tensor, or NULL. */
const char *filter_attr(struct filter *f, const char *name, const char *key);

/* Names kept, in order of appearance: i-th or NULL past the last. */
const char *filter_kept_name(struct filter *f, int i);
bool filter_kept_is_text(struct filter *f, int i);

/* Writes a tensor, with attributes (closed by a NULL key) or NULL.  Dies where its
 * numbers are not finite that must be (finite.h); likewise those below. */
void filter_put(struct filter *f, const char *name, const struct tensor *t,
                const struct attr *attrs);

/* Writes tensors and texts that share rows. */
void filter_put_group(struct filter *f, const struct series_out *group, int count);

/* The same in parts (see writer_part). */
void filter_put_part(struct filter *f, const struct series_out *group, int count,
                     int64_t first, int64_t rows);

/* During a long computation: ends the program quietly where nobody reads its
 * output any more, and with a message where writing has failed. */
void filter_check_reader(struct filter *f);

/* A digest over all kept tensors' names, types, shapes and data, in the order
 * of their names: what a checkpoint remembers of its input. */
uint64_t filter_digest(struct filter *f);

/* Writes a frame that another filter made. */
void filter_put_frame(struct filter *f, const struct frame *frame);

/* Writes the end, checks that all was written, frees everything. */
void filter_close(struct filter *f);

#endif
