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
 * Of several ranks (ranks/ranks.h) the first reads and writes; the others keep what it
 * keeps, and write nothing.  Every function here dies with a clear message where
 * something is wrong with the data or the disk. */
#ifndef STREAM_FILTER_H
#define STREAM_FILTER_H

#include "stream/reader.h"
#include "stream/tensor.h"
#include "stream/writer.h"

struct filter;
struct stored;

/* Opens a filter whose inputs argv[first..argc) name; "-", or no name at all, is standard
 * input.  Ends the program where standard output is a terminal.  Close with
 * filter_close. */
struct filter *filter_open(int argc, char **argv, int first);

/* Opens the inputs of a program that reads streams and writes words (metrics). */
struct filter *filter_open_reading(int argc, char **argv, int first);

/* Opens a program that reads no stream and writes words (metrics of TREC's files). */
struct filter *filter_open_words(void);

/* Opens a program that reads no stream and writes one (data-import). */
struct filter *filter_open_writing(void);

/* Let f accept fragments (--fragment), as any input or as standard input alone. */
void filter_accept_fragments(struct filter *f);
void filter_accept_fragment_of_stdin(struct filter *f);

/* Lets f write no head, so that what the program did leaves no trace in the stream. */
void filter_leave_no_head(struct filter *f);

/* Lets f keep the tensor or text of this name; "item.*" stands for every name that begins
 * so.  f has a copy of it, as of all names below. */
void filter_keep(struct filter *f, const char *pattern);

/* Lets f keep texts alone of such names.  Tensors of such names merely pass by. */
void filter_keep_texts(struct filter *f, const char *pattern);

/* Lets f not pass on frames of this name (or "prefix.*"), because the filter writes such
 * tensors anew. */
void filter_replace(struct filter *f, const char *pattern);

/* Tells f of a file that decides what is written and that no option of type OPT_PATH
 * names. */
void filter_reads_file(struct filter *f, const char *path);

/* Under --reads (stream/reads.h) tells what the filter would read, by the calls above,
 * and ends the program; none of them may follow.  filter_read does it at its
 * beginning: to be called only by filters that load a model before that, and by those
 * that read no stream. */
void filter_declare(struct filter *f);

/* Lets f call pass for each frame but ends, instead of copying the frame through. */
typedef void filter_pass(struct writer *out, const struct frame *frame);
void filter_pass_with(struct filter *f, filter_pass *pass);

/* Lets f call watch for each frame that is read but ends. */
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

/* Fills list with the attributes by which a kept tensor says what it stands on.  f owns
 * them.  Returns their number. */
enum { FILTER_STANDS = 264 };
int filter_standing(struct filter *f, const char *name, struct attr list[FILTER_STANDS]);

/* Tells f that what it writes is made of the texts kept under that name. */
void filter_stands_on(struct filter *f, const char *name);

/* Reads all input to its verified end.  Ends the program where the input is damaged or
 * cut short, and where what is kept stands on other numbers than the input's. */
void filter_read(struct filter *f);

/* Return the tensor or the texts kept under that name, which f owns until filter_close.
 * The tensor has that type and number of dimensions (0: any); where it is to be of <f4,
 * one of <f2 becomes that.  End the program by filter_die_missing where there is none,
 * and where numbers are not finite that must be (finite.h). */
const struct tensor *filter_tensor(struct filter *f, const char *name, enum dtype type,
                                   int dims, const char *maker);
const struct texts *filter_texts(struct filter *f, const char *name, const char *maker);

/* Returns the tensor as filter_tensor does, checked also for rows and columns (-1:
 * any). */
const struct tensor *filter_tensor_sized(struct filter *f, const char *name,
                                         enum dtype type, int64_t rows, int64_t columns,
                                         const char *maker);

/* Ends the program where nothing is kept under the name that --OPTION gives, with the
 * name of the input that was perhaps meant, or else with "run MAKER first" unless maker
 * is NULL. */
void filter_needs(struct filter *f, const char *option, const char *name,
                  const char *maker);

/* Returns the name of the i-th text of the input, kept or not, or NULL past the last. */
const char *filter_seen_text(struct filter *f, int i);

/* Ends the program: the name is not in the input, which maker is to make, and by which
 * pipe (stream/makers.h). */
_Noreturn void filter_die_missing(struct filter *f, const char *name, const char *maker);

/* Returns that pipe, for other words, as ": ... | cf-train | cf-embed | align-train ...".
 * f owns it until the next call.  makers and name (or NULL) are as for makers_pipe. */
const char *filter_pipe(struct filter *f, const char *makers, const char *name);

/* Returns whether something is kept under that name. */
bool filter_has(struct filter *f, const char *name);

/* Returns what is kept under that name (stream/store.h), which f owns, or NULL. */
const struct stored *filter_stored(struct filter *f, const char *name);

/* Returns the value of a kept tensor's attribute, which f owns, or NULL where the tensor
 * has no such attribute or is not there. */
const char *filter_attr(struct filter *f, const char *name, const char *key);

/* Return the i-th name kept, in order of appearance, or NULL past the last; and whether a
 * text has it. */
const char *filter_kept_name(struct filter *f, int i);
bool filter_kept_is_text(struct filter *f, int i);

/* Writes t under the name, with attributes (closed by a NULL key; NULL: none).  Ends the
 * program where numbers are not finite that must be (finite.h); so do the two functions
 * below. */
void filter_put(struct filter *f, const char *name, const struct tensor *t,
                const struct attr *attrs);

/* Writes tensors and texts that share rows. */
void filter_put_group(struct filter *f, const struct series_out *group, int count);

/* Writes rows first, first + 1, ... of tensors and texts that share rows and have `rows`
 * rows in all (see writer_part). */
void filter_put_part(struct filter *f, const struct series_out *group, int count,
                     int64_t first, int64_t rows);

/* Ends the program quietly where nobody reads its output any more, and with a message
 * where writing has failed.  Long computations call this function now and then. */
void filter_check_reader(struct filter *f);

/* Returns a digest over the names, types, shapes and data of all kept tensors, in the
 * order of their names: what a checkpoint remembers of its input. */
uint64_t filter_digest(struct filter *f);

/* Writes a frame that another filter made. */
void filter_put_frame(struct filter *f, const struct frame *frame);

/* Writes the end, checks that all was written, and frees f.  Ends the program where
 * writing has failed. */
void filter_close(struct filter *f);

#endif
