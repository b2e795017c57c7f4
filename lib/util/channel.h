/* stdio over a file descriptor with what stdio leaves out: a call that a signal
 * interrupted is made again, all of a buffer is written, and the first error keeps
 * its reason until one asks for it. */
#ifndef UTIL_CHANNEL_H
#define UTIL_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct channel {
    FILE *f;   /* for printf, getline and the like; NULL: could not be opened */
    int fd;
    bool begun; /* channel_line has read a line */
    int error; /* errno of the first call that failed, 0: none */
    int64_t taken;         /* bytes read of the file itself */
    struct unpack *unpack; /* NULL: bytes as they are */
    char words[160];       /* after channel_close: why it could not be expanded */
};

/* Opens c over the descriptor fd, for mode "r" or "w".  The caller keeps c in its place
 * until channel_close. */
void channel_over(struct channel *c, int fd, const char *mode);

/* Opens a descriptor that can be neither read nor written in place of each of standard
 * input, output and error that is closed, so that no file gets such a number.  Every
 * program does so in cli_parse. */
void channel_fill_standard(void);

/* Returns whether the descriptor is open for writing. */
bool channel_writable(int fd);

/* Opens the file at path for reading; "-" is standard input.  Where the file cannot be
 * opened, sets c->f to NULL and errno to the reason.  The channel expands what gzip, zstd
 * or xz have packed (util/unpack.h).  Every reader of text uses this function. */
void channel_read(struct channel *c, const char *path);

/* Reads the next line of a text into *line (*room bytes, as for getline; the caller frees
 * it).  Removes the line's end, \n or \r\n, and a byte order mark.  Returns the length in
 * bytes, or -1 at the text's end and after an error (channel_reason).  A text in UTF-16
 * is an error.  Every reader of lines uses this function. */
ssize_t channel_line(struct channel *c, char **line, size_t *room);

/* Ends a line of getline's (length bytes) with a NUL in place of \n or \r\n.  Returns the
 * new length in bytes. */
ssize_t channel_cut_end(char *line, ssize_t length);

/* Reads up to n bytes into p without c->f's buffer, for readers that have a buffer of
 * their own.  Returns the number of bytes, 0 at the end, or -1 after an error
 * (channel_reason). */
ssize_t channel_take(struct channel *c, void *p, size_t n);

/* Returns in words why the first call failed, also after channel_close.  c owns the
 * words. */
const char *channel_reason(const struct channel *c);

/* Writes what is buffered.  Returns 0, or the errno of the first error since c was
 * opened. */
int channel_flush(struct channel *c);

/* Flushes and closes c.  Returns as channel_flush.  Standard input stays open. */
int channel_close(struct channel *c);

/* Makes stdout a channel, and lets a write beyond the limit of a file's size (ulimit -f)
 * fail, where it would end the program without a word.  Every program does so in
 * cli_parse. */
void channel_stdout(void);

/* Flushes stdout.  Ends the program with the reason where not all was written.
 * channel_finish_stdout also closes stdout, as a program's last act. */
void channel_flush_stdout(void);
void channel_finish_stdout(void);

/* Open a file and write all n bytes, and call the system again where a signal interrupts.
 * open_retry returns as open, write_all returns 0 or the errno. */
int open_retry(const char *path, int flags, unsigned mode);
int write_all(int fd, const void *bytes, size_t n);

#endif
