/* A byte stream to one address that comes back by itself: tcp:HOST:PORT, unix:PATH, or the path of a serial line. */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STREAM_OUT_BYTES 8192u

struct stream {
    const char *address;
    int fd; /* -1: not open */
    uint64_t retry_ms;
    char out[STREAM_OUT_BYTES];
    size_t out_length;
    unsigned dropped;
};

void stream_init(struct stream *stream, const char *address);

/* Try to open it when it is closed, every 200 ms; true when it has just been opened. */
bool stream_open(struct stream *stream, uint64_t now_ms);

/* Up to `size` bytes; 0 when none wait. A lost stream is closed. */
size_t stream_read(struct stream *stream, char *data, size_t size);

/* Queue bytes to send: all of them, or none when they do not fit or the stream is closed (counted). */
void stream_put(struct stream *stream, const char *data, size_t length);

/* Hand over to the system what it takes of the queue. */
void stream_flush(struct stream *stream);

void stream_close(struct stream *stream);

#endif
