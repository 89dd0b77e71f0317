/* Lawicel ASCII (slcan): CAN frames as text lines that end with CR; BEL (07) is the adapter's error answer. */
#ifndef SLCAN_H
#define SLCAN_H

#include "frame.h"

#define SLCAN_LINE 31u /* T, 8 digits, length, 16 digits, 4 digits of a time stamp, one to notice what is too long */
#define SLCAN_OPEN "C\rS5\rO\r" /* close, 250 kbit/s, open */

enum slcan_item { SLCAN_NOTHING, SLCAN_FRAME, SLCAN_CONTROL, SLCAN_MALFORMED };

/* Zeroed = empty. */
struct slcan_decoder {
    char line[SLCAN_LINE];
    size_t length;
};

/* Take the next byte; a frame is complete in `frame` when SLCAN_FRAME comes back. Blank lines are nothing. */
enum slcan_item slcan_take(struct slcan_decoder *decoder, char byte, struct frame *frame);

/* Write one frame as a line with CR into `line`; returns the number of characters. No NUL is appended. */
size_t slcan_encode(const struct frame *frame, char line[SLCAN_LINE]);

#endif
