/* Lines on standard input that turn the plant's knobs: for trying the node by hand, and for its tests. */
#ifndef KNOBS_H
#define KNOBS_H

#include <stddef.h>

#include "plant.h"

#define KNOBS_LINE 128u

struct knobs {
    bool ended;
    char line[KNOBS_LINE];
    size_t length;
};

/* Take a line "NAME VALUE" when one waits, for example "temperature_c 57" or "smoke 1"; others are told on stderr. */
void knobs_read(struct knobs *knobs, struct plant *plant);

#endif
