/* The two nodes of one bay on the station segment (firmware_proto/dbc/station.dbc): rack I/O and charging modules. */
#ifndef RACK_MODULE_NODE_H
#define RACK_MODULE_NODE_H

#include "frame.h"
#include "plant.h"

enum module_state { MODULE_OFF, MODULE_ON, MODULE_FAULT, MODULE_WATCHDOG };

struct rack_module_node {
    uint8_t bay, protocol_version;
    uint8_t rack_alive, module_alive;
    int heard_alive; /* -1: no set-point heard yet */
    enum module_state state;
    uint64_t next_ms, lease_until_ms;
};

void rack_module_init(struct rack_module_node *node, uint8_t bay, uint8_t protocol_version);

/* Take a frame of the station segment; only a new ModuleSetpoint for this bay does something. */
void rack_module_receive(struct rack_module_node *node, const struct frame *frame, struct plant *plant,
                         uint64_t now_ms);

/* Supervise the lease and the faults; RackIo and ModuleFeedback every 100 ms. */
void rack_module_due(struct rack_module_node *node, struct plant *plant, uint64_t now_ms, struct outbox *out);

#endif
