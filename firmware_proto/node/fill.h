/* What generated codecs leave to their user: the fill rule, and numbers that fit their signal.

The generator writes 0 into bits that no signal uses; J1939 and GB/T 27930 want 1 there. Packing a struct of all ones
shows which bits are used. */
#ifndef FILL_H
#define FILL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Set every bit of `data` that is 0 in `used`. */
static inline void fill_unused(uint8_t *data, const uint8_t *used, size_t length)
{
    size_t i;

    for (i = 0; i < length; i++) {
        data[i] = (uint8_t)(data[i] | (uint8_t)~used[i]);
    }
}

/* Define `NAME_pack_filled(data, message)` for a generated message of LENGTH bytes; it returns LENGTH. */
#define DEFINE_PACK_FILLED(NAME, LENGTH)                                                                              \
    static size_t NAME##_pack_filled(uint8_t *data, const struct NAME##_t *message)                                   \
    {                                                                                                                  \
        struct NAME##_t ones;                                                                                          \
        uint8_t used[LENGTH];                                                                                          \
                                                                                                                       \
        memset(&ones, 0xFF, sizeof(ones));                                                                             \
        NAME##_pack(used, &ones, sizeof(used));                                                                        \
        NAME##_pack(data, message, LENGTH);                                                                            \
        fill_unused(data, used, LENGTH);                                                                               \
        return LENGTH;                                                                                                 \
    }

static inline double within(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

#endif
