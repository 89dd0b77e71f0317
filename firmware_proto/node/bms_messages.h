/* The messages of the BMS, built from what it measures. */
#ifndef BMS_MESSAGES_H
#define BMS_MESSAGES_H

#include "bms_node.h"

#define PERMITTED_UP_TO_C 55.0
#define FAULT_ABOVE_C 60.0

/* Identifier and period of a message; long ones ride in the transport and show only the PGN of their identifier. */
uint32_t bms_message_id(enum bms_message message);
unsigned bms_message_period_ms(enum bms_message message);

/* Write a message into `data`; returns its length in bytes. */
size_t bms_message_build(enum bms_message message, const struct bms *bms, const struct battery *battery,
                         uint8_t data[TP_MAX_BYTES]);

#endif
