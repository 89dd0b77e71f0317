/* CAN frames, and the box in which a node leaves those that have to go out. */
#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_BYTES 8u
#define OUTBOX_FRAMES 64u

struct frame {
    uint32_t id;
    uint8_t length;
    uint8_t data[FRAME_BYTES];
    bool extended;
};

struct outbox {
    struct frame frames[OUTBOX_FRAMES];
    size_t count;
    unsigned dropped;
};

/* Put one 29-bit frame of up to 8 bytes; a full box drops it and counts. */
void outbox_put(struct outbox *box, uint32_t id, const uint8_t *data, size_t length);

#endif
