#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#define RETRY_MS 200u

static int connected(int fd, const struct sockaddr *place, socklen_t size)
{
    if (fd < 0) {
        return -1;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    if (connect(fd, place, size) != 0 && errno != EINPROGRESS) {
        close(fd);
        return -1;
    }
    return fd;
}

static int open_tcp(const char *place)
{
    const char *const colon = strrchr(place, ':');
    struct addrinfo hints, *found = NULL;
    char host[256];
    int fd, yes = 1;

    if (colon == NULL || (size_t)(colon - place) >= sizeof(host)) {
        return -1;
    }
    memcpy(host, place, (size_t)(colon - place));
    host[colon - place] = '\0';
    memset(&hints, 0, sizeof(hints));
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0) {
        return -1;
    }
    fd = connected(socket(found->ai_family, SOCK_STREAM, 0), found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    if (fd >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    }
    return fd;
}

static int open_unix(const char *path)
{
    struct sockaddr_un place;

    memset(&place, 0, sizeof(place));
    place.sun_family = AF_UNIX;
    if (strlen(path) >= sizeof(place.sun_path)) {
        return -1;
    }
    memcpy(place.sun_path, path, strlen(path));
    return connected(socket(AF_UNIX, SOCK_STREAM, 0), (const struct sockaddr *)&place, sizeof(place));
}

static int open_tty(const char *path)
{
    const int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    struct termios settings;

    if (fd < 0) {
        return -1;
    }
    if (tcgetattr(fd, &settings) != 0) {
        close(fd);
        return -1;
    }
    cfmakeraw(&settings);
    cfsetspeed(&settings, B115200);
    tcsetattr(fd, TCSANOW, &settings);
    return fd;
}

void stream_init(struct stream *stream, const char *address)
{
    memset(stream, 0, sizeof(*stream));
    stream->address = address;
    stream->fd = -1;
}

bool stream_open(struct stream *stream, uint64_t now_ms)
{
    if (stream->fd >= 0 || now_ms < stream->retry_ms) {
        return false;
    }
    stream->retry_ms = now_ms + RETRY_MS;
    stream->out_length = 0;
    if (strncmp(stream->address, "tcp:", 4) == 0) {
        stream->fd = open_tcp(stream->address + 4);
    } else if (strncmp(stream->address, "unix:", 5) == 0) {
        stream->fd = open_unix(stream->address + 5);
    } else {
        stream->fd = open_tty(stream->address);
    }
    return stream->fd >= 0;
}

static bool only_later(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

size_t stream_read(struct stream *stream, char *data, size_t size)
{
    ssize_t count;

    if (stream->fd < 0) {
        return 0;
    }
    count = read(stream->fd, data, size);
    if (count > 0) {
        return (size_t)count;
    }
    if (count == 0 || !only_later()) {
        stream_close(stream);
    }
    return 0;
}

void stream_put(struct stream *stream, const char *data, size_t length)
{
    if (stream->fd < 0 || length > STREAM_OUT_BYTES - stream->out_length) {
        stream->dropped++;
        return;
    }
    memcpy(stream->out + stream->out_length, data, length);
    stream->out_length += length;
}

void stream_flush(struct stream *stream)
{
    ssize_t count;

    if (stream->fd < 0 || stream->out_length == 0) {
        return;
    }
    count = write(stream->fd, stream->out, stream->out_length);
    if (count > 0) {
        stream->out_length -= (size_t)count;
        memmove(stream->out, stream->out + count, stream->out_length);
    } else if (count < 0 && !only_later()) {
        stream_close(stream);
    }
}

void stream_close(struct stream *stream)
{
    if (stream->fd >= 0) {
        fprintf(stderr, "%s: closed\n", stream->address);
        close(stream->fd);
        stream->fd = -1;
    }
}
