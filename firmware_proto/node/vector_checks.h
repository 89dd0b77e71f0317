/* What the golden vectors are checked with; the cases are written by tests/firmware/vector_cases.py. */
#ifndef VECTOR_CHECKS_H
#define VECTOR_CHECKS_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "fill.h"
#include "j1939_tp.h"
#include "slcan.h"

#define LONGEST 512
#define RESOLUTION 1e-6

static const char *vector;
static unsigned failures;

static void check(bool right, const char *what)
{
    if (!right) {
        failures++;
        printf("%s: %s\n", vector, what);
    }
}

#define DECODED(NAME, SIGNAL, VALUE)                                                                                   \
    check(NAME##_##SIGNAL##_is_in_range(message.SIGNAL)                                                                \
              && fabs(NAME##_##SIGNAL##_decode(message.SIGNAL) - (VALUE)) < RESOLUTION, #SIGNAL)
#define ABSENT(NAME, SIGNAL, ONES, UNKNOWN)                                                                            \
    check(message.SIGNAL == (ONES) || !NAME##_##SIGNAL##_is_in_range(message.SIGNAL) || (UNKNOWN),                     \
          #SIGNAL " is not absent")
#define ENCODED(NAME, SIGNAL, VALUE) message.SIGNAL = NAME##_##SIGNAL##_encode(VALUE)
#define READ_RAW(NAME, SIGNAL, RAW) check(message.SIGNAL == (RAW), #SIGNAL)
#define WRITTEN_RAW(NAME, SIGNAL, RAW) message.SIGNAL = (RAW)

static bool same_frame(const struct frame *one, const struct frame *other)
{
    return one->id == other->id && one->extended == other->extended && one->length == other->length
        && memcmp(one->data, other->data, one->length) == 0;
}

/* What the last byte of a line, its CR, brought about. */
static enum slcan_item decoded_line(struct slcan_decoder *decoder, const char *line, struct frame *frame)
{
    for (; *line != '\0'; line++) {
        check(slcan_take(decoder, *line, frame) == SLCAN_NOTHING, "something before the end of the line");
    }
    return slcan_take(decoder, '\r', frame);
}

/* Decode a line, then one that is right; encode the frame where the line is what we send. NULL: no line of slcan. */
static void slcan_case(const char *line, const struct frame *expected, bool sent)
{
    struct slcan_decoder decoder = {{0}, 0};
    struct frame frame;
    char encoded[SLCAN_LINE];

    if (expected == NULL) {
        check(decoded_line(&decoder, line, &frame) == SLCAN_MALFORMED, "not refused");
    } else {
        check(decoded_line(&decoder, line, &frame) == SLCAN_FRAME && same_frame(&frame, expected), "another frame");
    }
    check(decoded_line(&decoder, "T100956F41AA", &frame) == SLCAN_FRAME, "the next line is not read");
    if (sent) {
        check(slcan_encode(expected, encoded) == strlen(line) + 1 && memcmp(encoded, line, strlen(line)) == 0,
              "encoded otherwise");
    }
}

/* Send a long message: what the sender says must be its frames, those of the receiver are played to it. */
static void transfer_case(uint32_t pgn, const uint8_t *data, size_t size, const struct frame *frames, size_t count)
{
    struct tp_sender sender = {.own = 0xF4, .peer = 0x56};
    struct outbox said = {.count = 0};
    uint64_t now_ms = 1000;
    size_t i;

    check(tp_send(&sender, pgn, data, size, now_ms, &said), "not sent");
    for (i = 0; i < count; i++) {
        if ((frames[i].id & 0xFFu) != sender.own) {
            tp_control(&sender, frames[i].data, now_ms);
            continue;
        }
        if (said.count == 0) {
            now_ms += 10;
            tp_due(&sender, now_ms, &said);
        }
        check(said.count == 1 && same_frame(&said.frames[0], &frames[i]), "another frame sent");
        said.count = 0;
    }
    check(!sender.busy && sender.delivered == 1 && sender.failed == 0, "not delivered");
}

#endif
