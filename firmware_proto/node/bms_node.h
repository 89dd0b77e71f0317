/* The battery's side (0xF4) of a GB/T 27930-2015 charging process, as in swapstation/protocol/gbt27930/bms.py.

It begins when a charger shakes hands, stops by itself at its target or on a fault, and is ready for the next charger
afterwards: in a swap bay nothing is unplugged by hand. */
#ifndef BMS_NODE_H
#define BMS_NODE_H

#include "j1939_tp.h"
#include "plant.h"

enum bms_step {
    BMS_IDLE, BMS_HANDSHAKE, BMS_RECOGNITION, BMS_PARAMETERS, BMS_CLOSING, BMS_CHARGING, BMS_STOPPING,
    BMS_STATISTICS, BMS_LOST
};

/* What is awaited; up to WAIT_CSD its end is a timeout that BEM names. */
enum bms_wait {
    WAIT_CRM_00, WAIT_CRM_AA, WAIT_CTS_CML, WAIT_CRO, WAIT_CCS, WAIT_CST, WAIT_CSD,
    WAIT_STOP_SHOWN, WAIT_STATISTICS, WAIT_RECONNECT, BMS_WAITS
};

enum bms_message {
    SEND_BHM, SEND_BRM, SEND_BCP, SEND_BRO, SEND_BCL, SEND_BCS, SEND_BSM, SEND_BMV, SEND_BMT, SEND_BST, SEND_BSD,
    SEND_BEM, BMS_MESSAGES
};

/* Why the battery stops: bits of bms.stop_reasons. */
enum bms_stop {
    STOP_SOC_REACHED = 1, STOP_VOLTAGE_REACHED = 2, STOP_CELL_VOLTAGE_REACHED = 4, STOP_CHARGER_STOPPED = 8,
    STOP_OVER_TEMPERATURE = 16
};

struct bms {
    enum bms_step step;
    bool live; /* the battery's own contactors are wanted closed */
    bool cst_seen, ccs_seen;
    unsigned reconnects_left, stop_reasons, missed; /* missed: bits of bms_wait */
    unsigned malformed;
    uint64_t ready_since_ms; /* contactors closed, BRO AA; UINT64_MAX = not yet */
    uint64_t opening_by_ms;  /* contactors open then, whatever current still flows */
    uint64_t deadline_ms[BMS_WAITS];
    uint64_t next_ms[BMS_MESSAGES];
    unsigned waiting; /* long messages whose time has come, bits of bms_message */
    struct tp_sender transport;
};

/* A battery was plugged in, or taken out. */
void bms_init(struct bms *bms);

/* Take a frame of the bay's segment; only what the charger sends to the battery does something. */
void bms_receive(struct bms *bms, const struct frame *frame, const struct battery *battery, uint64_t now_ms);

/* Do what time, the battery and the charger's current have brought about, and send what is due. */
void bms_due(struct bms *bms, struct battery *battery, uint64_t now_ms, struct outbox *out);

#endif
