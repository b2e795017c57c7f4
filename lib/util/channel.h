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

/* Opens c over fd, mode "r" or "w".  c stays where it is until channel_close. */
void channel_over(struct channel *c, int fd, const char *mode);

/* Puts a descriptor that can be neither read nor written, nor is a file, wherever standard
 * input, output or error is closed; every program does so in cli_parse. */
void channel_fill_standard(void);

/* Is it open for writing? */
bool channel_writable(int fd);

/* Opens a file for reading, "-" is stdin; c->f is NULL and errno set where it
 * cannot be.  What gzip, zstd or xz have packed is expanded (util/unpack.h): every reader
 * of text comes through here. */
void channel_read(struct channel *c, const char *path);

/* The next line of a text without its end, \n or \r\n, and without a byte order mark, in
 * *line (*room bytes, as getline has it; free it): its length, or -1 at the end or at an
 * error.  A text in UTF-16 is an error.  What reads lines reads them with this. */
ssize_t channel_line(struct channel *c, char **line, size_t *room);

/* The length of a line of getline's (length bytes) without its end, \n or \r\n, where a NUL
 * is put. */
ssize_t channel_cut_end(char *line, ssize_t length);

/* Reads up to n bytes past c->f, for readers that have a buffer of their own: their
 * number, 0 at the end, -1 (channel_reason). */
ssize_t channel_take(struct channel *c, void *p, size_t n);

/* Why the first call failed, in words; also after channel_close. */
const char *channel_reason(const struct channel *c);

/* Writes what is buffered: 0, or the errno of the first error until now. */
int channel_flush(struct channel *c);

/* The same, and closes.  Standard input stays open. */
int channel_close(struct channel *c);

/* Makes stdout such a channel; every program does so in cli_parse. */
void channel_stdout(void);

/* Flushes it, and ends the program with the reason where not all was written.
 * channel_finish_stdout closes it too: a last act. */
void channel_flush_stdout(void);
void channel_finish_stdout(void);

/* open, write (all n bytes: 0 or errno), repeated where a signal interrupts. */
int open_retry(const char *path, int flags, unsigned mode);
int write_all(int fd, const void *bytes, size_t n);

#endif
