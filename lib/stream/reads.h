/* What `PROGRAM --reads ARGUMENTS...` prints instead of running: everything that
 * decides what PROGRAM ARGUMENTS... would write, for memo.  A line each, a kind and a
 * text with a tab between; backslash, tab and newline in the text are written \\, \t
 * and \n:
 *
 *     millrace-reads 1                         the first line, without a tab
 *     program    sbert-encode                  and its version
 *     version    0.1.0
 *     executable PATH                          the program's own file
 *     library    PATH                          each shared library that it has loaded
 *     processor, option, given, file, argument, operand    see cli_tell in cli/cli.h
 *     only       yes                           --only was given; likewise quiet
 *     input      stream                        or bytes, or nothing
 *     output     stream                        or words
 *     keep       item.cf                       tensors and texts read: a pattern
 *     keep-texts item.*                        texts read
 *     replace    item.text                     what is not passed on
 *     end                                      the last line
 *
 * Input `stream`: the operands (or stdin) are streams, the program reads nothing of
 * them but what it keeps, and passes on everything but what it replaces.  `bytes`: all
 * bytes of the operands (or of stdin) count.  `nothing`: only the files count. */
#ifndef STREAM_READS_H
#define STREAM_READS_H

/* A program whose file holds these words answers --reads so. */
#define READS_FIRST "millrace-reads 1"

/* reads_begin prints the lines down to the operands, reads_tell one more line. */
void reads_begin(void);

/* Prints the line "kind text" behind reads_begin. */
void reads_tell(const char *kind, const char *text);

/* Prints the last line and ends the program. */
_Noreturn void reads_end(void);

/* Under --reads, prints all lines of a program that reads its operands (or stdin) as
 * bytes and whose output is "words" or "stream", and ends the program.  Without --reads,
 * returns at once. */
void reads_bytes(const char *output);

#endif
