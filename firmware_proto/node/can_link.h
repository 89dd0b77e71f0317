/* One CAN segment behind an slcan adapter, over TCP or a serial line. */
#ifndef CAN_LINK_H
#define CAN_LINK_H

#include "slcan.h"
#include "stream.h"

#define CAN_READ_BYTES 2048u

struct can_link {
    struct stream stream;
    struct slcan_decoder decoder;
    unsigned received, sent, malformed;
};

/* Told of every data frame. */
typedef void (*can_receiver)(void *node, const struct frame *frame, uint64_t now_ms);

void can_link_init(struct can_link *link, const char *address);

/* Open it when it is closed, and hand what came to `receive`. */
void can_link_receive(struct can_link *link, can_receiver receive, void *node, uint64_t now_ms);

/* Send and empty the box. Without a connection frames are lost, as on a cut wire. */
void can_link_send(struct can_link *link, struct outbox *box);

#endif
