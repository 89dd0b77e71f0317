#include "frame.h"

#include <string.h>

void outbox_put(struct outbox *box, uint32_t id, const uint8_t *data, size_t length)
{
    struct frame *frame;

    if (box->count >= OUTBOX_FRAMES || length > FRAME_BYTES) {
        box->dropped++;
        return;
    }
    frame = &box->frames[box->count++];
    memset(frame, 0, sizeof(*frame));
    frame->id = id;
    frame->length = (uint8_t)length;
    frame->extended = true;
    memcpy(frame->data, data, length);
}
