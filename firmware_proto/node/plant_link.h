/* The mechanics of the bay, told by the station simulator over its control socket (swapstation/simulation/external_bay.py).

One line of JSON each way every 100 ms: this side says what it measures, the simulator answers what its sensors see,
which battery stands in the bay, and how fast plant time runs. */
#ifndef PLANT_LINK_H
#define PLANT_LINK_H

#include "plant.h"
#include "stream.h"

#define PLANT_LINE 1024u

struct plant_link {
    struct stream stream;
    uint8_t bay;
    uint64_t next_ms, heard_ms;
    char line[PLANT_LINE];
    size_t length;
    unsigned malformed;
};

void plant_link_init(struct plant_link *link, const char *address, uint8_t bay);

/* Read what came. Returns true when the battery in the bay has changed. */
bool plant_link_receive(struct plant_link *link, struct plant *plant, double *speed, uint64_t now_ms);

/* Say what is measured, every 100 ms. A simulator that is silent for 1 s leaves the sensors unknown. */
void plant_link_due(struct plant_link *link, struct plant *plant, uint64_t now_ms);

#endif
