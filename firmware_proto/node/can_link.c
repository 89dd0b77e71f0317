#include "can_link.h"

#include <string.h>

void can_link_init(struct can_link *link, const char *address)
{
    memset(link, 0, sizeof(*link));
    stream_init(&link->stream, address);
}

void can_link_receive(struct can_link *link, can_receiver receive, void *node, uint64_t now_ms)
{
    char data[CAN_READ_BYTES];
    struct frame frame;
    size_t count, i;

    if (stream_open(&link->stream, now_ms)) {
        memset(&link->decoder, 0, sizeof(link->decoder));
        stream_put(&link->stream, SLCAN_OPEN, strlen(SLCAN_OPEN));
    }
    count = stream_read(&link->stream, data, sizeof(data));
    for (i = 0; i < count; i++) {
        const enum slcan_item item = slcan_take(&link->decoder, data[i], &frame);

        if (item == SLCAN_FRAME) {
            link->received++;
            receive(node, &frame, now_ms);
        } else if (item == SLCAN_MALFORMED) {
            link->malformed++;
        }
    }
}

void can_link_send(struct can_link *link, struct outbox *box)
{
    char line[SLCAN_LINE];
    size_t i;

    for (i = 0; i < box->count; i++) {
        stream_put(&link->stream, line, slcan_encode(&box->frames[i], line));
        link->sent++;
    }
    box->count = 0;
    stream_flush(&link->stream);
}
