#include "slcan.h"

#include <ctype.h>
#include <string.h>

#define STAMP_DIGITS 4u

/* Lines without a data frame. h hex digit, 8 digit 0-8, 7 digit 0-7, 1 digit 0-1, w letter or digit. */
static const char *const CONTROLS[] = {
    "z", "O", "L", "C", "Z", "Z1", "S8", "V", "Vhhhh", "N", "Nw", "Nww", "Nwww", "Nwwww", "F", "Fhh", "r7hh8",
    "R1hhhhhhh8",
};

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'A' && digit <= 'F') {
        return digit - 'A' + 10;
    }
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool fits(char kind, char character)
{
    switch (kind) {
    case 'h':
        return hex_value(character) >= 0;
    case 'w':
        return isalnum((unsigned char)character) != 0;
    case '8':
    case '7':
    case '1':
        return character >= '0' && character <= kind;
    default:
        return character == kind;
    }
}

static bool matches(const char *pattern, const char *line, size_t length)
{
    size_t i;

    if (strlen(pattern) != length) {
        return false;
    }
    for (i = 0; i < length; i++) {
        if (!fits(pattern[i], line[i])) {
            return false;
        }
    }
    return true;
}

static enum slcan_item control_or_malformed(const char *line, size_t length)
{
    size_t i;

    for (i = 0; i < sizeof(CONTROLS) / sizeof(CONTROLS[0]); i++) {
        if (matches(CONTROLS[i], line, length)) {
            return SLCAN_CONTROL;
        }
    }
    return SLCAN_MALFORMED;
}

static enum slcan_item parse_frame(const char *line, size_t length, struct frame *frame)
{
    const bool extended = line[0] == 'T' || line[0] == 'x';
    const char *const head = extended ? "1hhhhhhh8" : "7hh8";
    const size_t digits = strlen(head), data_at = 1 + digits;
    size_t i, data_digits;

    if (length < data_at || !matches(head, line + 1, digits)) {
        return SLCAN_MALFORMED;
    }
    memset(frame, 0, sizeof(*frame));
    frame->extended = extended;
    frame->length = (uint8_t)hex_value(line[digits]);
    data_digits = 2u * frame->length;
    if (length != data_at + data_digits && length != data_at + data_digits + STAMP_DIGITS) {
        return SLCAN_MALFORMED;
    }
    for (i = data_at; i < length; i++) {
        if (hex_value(line[i]) < 0) {
            return SLCAN_MALFORMED;
        }
    }
    for (i = 1; i < digits; i++) {
        frame->id = frame->id << 4 | (uint32_t)hex_value(line[i]);
    }
    for (i = 0; i < data_digits; i += 2) {
        frame->data[i / 2] = (uint8_t)(hex_value(line[data_at + i]) << 4 | hex_value(line[data_at + i + 1]));
    }
    return SLCAN_FRAME;
}

static enum slcan_item parse(const char *line, size_t length, struct frame *frame)
{
    if (length >= SLCAN_LINE) {
        return SLCAN_MALFORMED;
    }
    if (line[0] == 'T' || line[0] == 'x' || line[0] == 't') {
        return parse_frame(line, length, frame);
    }
    return control_or_malformed(line, length);
}

enum slcan_item slcan_take(struct slcan_decoder *decoder, char byte, struct frame *frame)
{
    const size_t length = decoder->length;

    if (byte != '\r' && byte != '\a') {
        if (length < SLCAN_LINE) {
            decoder->line[decoder->length++] = byte;
        }
        return SLCAN_NOTHING;
    }
    decoder->length = 0;
    if (length == 0) {
        return byte == '\a' ? SLCAN_CONTROL : SLCAN_NOTHING;
    }
    return parse(decoder->line, length, frame);
}

size_t slcan_encode(const struct frame *frame, char line[SLCAN_LINE])
{
    static const char HEX[] = "0123456789ABCDEF";
    const unsigned id_digits = frame->extended ? 8 : 3;
    size_t length = 0;
    unsigned i;

    line[length++] = frame->extended ? 'T' : 't';
    for (i = id_digits; i-- > 0;) {
        line[length++] = HEX[frame->id >> (4 * i) & 0xFu];
    }
    line[length++] = (char)('0' + frame->length);
    for (i = 0; i < frame->length; i++) {
        line[length++] = HEX[frame->data[i] >> 4];
        line[length++] = HEX[frame->data[i] & 0xFu];
    }
    line[length++] = '\r';
    return length;
}
