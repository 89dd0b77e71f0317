#include "bms_node.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bms_messages.h"
#include "gbt27930.h"

#define BMS_ADDRESS 0xF4u
#define CHARGER_ADDRESS 0x56u
#define NEVER UINT64_MAX
#define TARGET_SOC_PCT 100.0
#define OPENING_CURRENT_A 5.0
#define RECONNECTS 3u
#define TIMEOUTS ((1u << (WAIT_CSD + 1)) - 1u) /* the waits whose end is a timeout */

/* Times in ms: GB/T 27930-2015; STOP_SHOWN and STATISTICS as seen in recorded charging processes. */
#define CRM_MS 30000u
#define CRM_AA_MS 5000u
#define CML_MS 5000u
#define CRO_MS 5000u
#define CRO_READY_MS 60000u
#define CCS_MS 1000u
#define CST_MS 5000u
#define CSD_MS 10000u
#define RECONNECT_MS 30000u
#define STOP_SHOWN_MS 100u
#define STATISTICS_MS 1000u
#define EMERGENCY_OPEN_MS 5000u /* own design: contactors open under load when the charger's current does not fall */

#define BIT(message) (1u << (message))

/* What is sent in each step, and whether the battery's contactors are wanted closed in it. */
static const struct {
    const char *name;
    unsigned sends;
    bool live;
} RULES[] = {
    [BMS_IDLE] = {"idle", 0, false},
    [BMS_HANDSHAKE] = {"handshake", BIT(SEND_BHM), false},
    [BMS_RECOGNITION] = {"recognition", BIT(SEND_BRM), false},
    [BMS_PARAMETERS] = {"parameters", BIT(SEND_BCP), false},
    [BMS_CLOSING] = {"closing", BIT(SEND_BRO), true},
    [BMS_CHARGING] = {"charging", BIT(SEND_BCL) | BIT(SEND_BCS) | BIT(SEND_BSM) | BIT(SEND_BMV) | BIT(SEND_BMT), true},
    [BMS_STOPPING] = {"stopping", BIT(SEND_BST), true},
    [BMS_STATISTICS] = {"statistics", BIT(SEND_BSD), false},
    [BMS_LOST] = {"lost", BIT(SEND_BEM), false},
};

void bms_init(struct bms *bms)
{
    unsigned i;

    memset(bms, 0, sizeof(*bms));
    bms->ready_since_ms = bms->opening_by_ms = NEVER;
    bms->transport.own = BMS_ADDRESS;
    bms->transport.peer = CHARGER_ADDRESS;
    for (i = 0; i < BMS_WAITS; i++) {
        bms->deadline_ms[i] = NEVER;
    }
}

static void await(struct bms *bms, enum bms_wait wait, uint64_t until_ms)
{
    bms->deadline_ms[wait] = until_ms;
}

/* Go to a step that awaits one thing; everything awaited before is forgotten. */
static void enter(struct bms *bms, enum bms_step step, enum bms_wait wait, uint64_t wait_ms, uint64_t now_ms)
{
    unsigned i;

    fprintf(stderr, "bms: %s\n", RULES[step].name);
    bms->step = step;
    bms->live = bms->live || step == BMS_CLOSING;
    if (bms->live && (step == BMS_STOPPING || step == BMS_LOST) && bms->opening_by_ms == NEVER) {
        bms->opening_by_ms = now_ms + EMERGENCY_OPEN_MS;
    }
    bms->waiting = 0;
    memset(bms->next_ms, 0, sizeof(bms->next_ms));
    for (i = 0; i < BMS_WAITS; i++) {
        bms->deadline_ms[i] = NEVER;
    }
    if (wait != BMS_WAITS) {
        await(bms, wait, now_ms + wait_ms);
    }
}

static void begin(struct bms *bms, uint64_t now_ms)
{
    tp_cancel(&bms->transport);
    bms->reconnects_left = RECONNECTS;
    bms->stop_reasons = bms->missed = 0;
    bms->cst_seen = bms->ccs_seen = false;
    enter(bms, BMS_HANDSHAKE, WAIT_CRM_00, CRM_MS, now_ms);
}

static void stop(struct bms *bms, unsigned reasons, uint64_t now_ms)
{
    bms->stop_reasons = reasons;
    enter(bms, BMS_STOPPING, WAIT_CST, CST_MS, now_ms);
    await(bms, WAIT_STOP_SHOWN, now_ms + STOP_SHOWN_MS);
}

static void lose(struct bms *bms, unsigned missed, uint64_t now_ms)
{
    bms->missed = missed;
    tp_cancel(&bms->transport);
    enter(bms, BMS_LOST, WAIT_RECONNECT, RECONNECT_MS, now_ms);
}

static unsigned reasons_to_stop(const struct battery *battery)
{
    double highest_v = 0.0;
    unsigned reasons = 0, i;

    for (i = 0; i < battery->cells; i++) {
        highest_v = fmax(highest_v, battery_cell_v(battery, i));
    }
    reasons |= battery_soc_pct(battery) >= TARGET_SOC_PCT ? STOP_SOC_REACHED : 0u;
    reasons |= battery_voltage_v(battery) >= battery->max_voltage_v ? STOP_VOLTAGE_REACHED : 0u;
    reasons |= highest_v >= CELL_MAX_V ? STOP_CELL_VOLTAGE_REACHED : 0u;
    reasons |= battery->temperature_c > FAULT_ABOVE_C ? STOP_OVER_TEMPERATURE : 0u;
    return reasons;
}

static void expire(struct bms *bms, uint64_t now_ms)
{
    unsigned over = 0, i;

    for (i = 0; i < BMS_WAITS; i++) {
        if (now_ms >= bms->deadline_ms[i]) {
            bms->deadline_ms[i] = NEVER;
            over |= 1u << i;
        }
    }
    if (over & TIMEOUTS) {
        lose(bms, over & TIMEOUTS, now_ms);
    } else if (over & (BIT(WAIT_STATISTICS) | BIT(WAIT_RECONNECT))) {
        enter(bms, BMS_IDLE, BMS_WAITS, 0, now_ms);
    }
}

static bool may_open(const struct bms *bms, const struct battery *battery)
{
    return !bms->live || fabs(battery->current_a) <= OPENING_CURRENT_A;
}

/* Without load once the step wants it, and in an emergency with whatever current still flows. */
static void open_contactors(struct bms *bms, const struct battery *battery, uint64_t now_ms)
{
    if (now_ms >= bms->opening_by_ms || (may_open(bms, battery) && !RULES[bms->step].live)) {
        bms->live = false;
        bms->opening_by_ms = NEVER;
    }
}

static void advance(struct bms *bms, const struct battery *battery, uint64_t now_ms)
{
    unsigned reasons;

    expire(bms, now_ms);
    if (bms->step == BMS_CLOSING && battery->contactor_closed && bms->ready_since_ms == NEVER) {
        bms->ready_since_ms = now_ms;
        await(bms, WAIT_CRO, now_ms + CRO_MS);
        memset(bms->next_ms, 0, sizeof(bms->next_ms)); /* BRO AA at once */
    }
    open_contactors(bms, battery, now_ms);
    if (bms->step == BMS_CHARGING && (reasons = reasons_to_stop(battery)) != 0) {
        stop(bms, reasons, now_ms);
    }
    if (bms->step == BMS_STOPPING && bms->cst_seen && bms->deadline_ms[WAIT_STOP_SHOWN] == NEVER
        && may_open(bms, battery)) {
        enter(bms, BMS_STATISTICS, WAIT_CSD, CSD_MS, now_ms);
        open_contactors(bms, battery, now_ms);
    }
}

static void charger_stopped(struct bms *bms)
{
    bms->cst_seen = true;
    await(bms, WAIT_CST, NEVER);
}

static void on_chm(struct bms *bms, const uint8_t *data, const struct battery *battery, uint64_t now_ms)
{
    (void)data;
    (void)battery;
    if (bms->step == BMS_IDLE || bms->step == BMS_STATISTICS || bms->step == BMS_LOST) {
        begin(bms, now_ms);
    }
}

static void on_crm(struct bms *bms, const uint8_t *data, const struct battery *battery, uint64_t now_ms)
{
    struct gbt27930_crm_t crm;

    (void)battery;
    gbt27930_crm_unpack(&crm, data, GBT27930_CRM_LENGTH);
    if (crm.recognised == GBT27930_CRM_RECOGNISED_YES_CHOICE) {
        if (bms->step == BMS_RECOGNITION) {
            enter(bms, BMS_PARAMETERS, WAIT_CTS_CML, CML_MS, now_ms);
        }
    } else if (crm.recognised != GBT27930_CRM_RECOGNISED_NO_CHOICE) {
        return; /* neither yes nor no */
    } else if (bms->step == BMS_HANDSHAKE) {
        enter(bms, BMS_RECOGNITION, WAIT_CRM_AA, CRM_AA_MS, now_ms);
    } else if (bms->step == BMS_LOST && bms->reconnects_left > 0) {
        bms->reconnects_left--;
        bms->missed = 0;
        bms->cst_seen = bms->ccs_seen = false;
        enter(bms, BMS_RECOGNITION, WAIT_CRM_AA, CRM_AA_MS, now_ms);
    }
}

static void on_cml(struct bms *bms, const uint8_t *data, const struct battery *battery, uint64_t now_ms)
{
    struct gbt27930_cml_t cml;

    (void)battery;
    gbt27930_cml_unpack(&cml, data, GBT27930_CML_LENGTH);
    if (!gbt27930_cml_max_voltage_is_in_range(cml.max_voltage) || !gbt27930_cml_max_current_is_in_range(cml.max_current)
        || !gbt27930_cml_min_voltage_is_in_range(cml.min_voltage)) {
        bms->malformed++;
    } else if (bms->step == BMS_PARAMETERS) {
        bms->ready_since_ms = NEVER;
        enter(bms, BMS_CLOSING, WAIT_CRO, CRO_READY_MS, now_ms);
    }
}

static void on_cro(struct bms *bms, const uint8_t *data, const struct battery *battery, uint64_t now_ms)
{
    struct gbt27930_cro_t cro;

    (void)battery;
    if (bms->step != BMS_CLOSING || bms->ready_since_ms == NEVER) {
        return;
    }
    gbt27930_cro_unpack(&cro, data, GBT27930_CRO_LENGTH);
    await(bms, WAIT_CRO, bms->ready_since_ms + CRO_READY_MS);
    if (cro.ready == GBT27930_CRO_READY_YES_CHOICE) {
        enter(bms, BMS_CHARGING, WAIT_CCS, CCS_MS, now_ms);
    }
}

static void on_ccs(struct bms *bms, const uint8_t *data, const struct battery *battery, uint64_t now_ms)
{
    struct gbt27930_ccs_t ccs;

    (void)battery;
    gbt27930_ccs_unpack(&ccs, data, GBT27930_CCS_LENGTH);
    if (!gbt27930_ccs_voltage_is_in_range(ccs.voltage) || !gbt27930_ccs_current_is_in_range(ccs.current)) {
        bms->malformed++;
    } else if (bms->step == BMS_CHARGING) {
        bms->ccs_seen = true;
        await(bms, WAIT_CCS, now_ms + CCS_MS);
    }
}

static void on_cst(struct bms *bms, const uint8_t *data, const struct battery *battery, uint64_t now_ms)
{
    (void)data;
    (void)battery;
    if (bms->step == BMS_PARAMETERS || bms->step == BMS_CLOSING || bms->step == BMS_CHARGING) {
        stop(bms, STOP_CHARGER_STOPPED, now_ms);
    }
    if (bms->step == BMS_STOPPING) {
        charger_stopped(bms);
    }
}

static void on_csd(struct bms *bms, const uint8_t *data, const struct battery *battery, uint64_t now_ms)
{
    (void)data;
    (void)battery;
    if (bms->step == BMS_STOPPING) {
        charger_stopped(bms);
    } else if (bms->step == BMS_STATISTICS && bms->deadline_ms[WAIT_CSD] != NEVER) {
        await(bms, WAIT_CSD, NEVER);
        await(bms, WAIT_STATISTICS, now_ms + STATISTICS_MS);
    }
}

static void on_cem(struct bms *bms, const uint8_t *data, const struct battery *battery, uint64_t now_ms)
{
    (void)data;
    (void)battery;
    if (bms->step != BMS_IDLE && bms->step != BMS_HANDSHAKE && bms->step != BMS_LOST) {
        lose(bms, 0, now_ms);
    }
}

/* The charger's messages, and the lengths that count as whole: editions and makers cut some of them short. */
static const struct {
    uint32_t id;
    uint8_t shortest, longest;
    void (*on)(struct bms *bms, const uint8_t *data, const struct battery *battery, uint64_t now_ms);
} HEARD[] = {
    {GBT27930_CHM_FRAME_ID, GBT27930_CHM_LENGTH, GBT27930_CHM_LENGTH, on_chm},
    {GBT27930_CRM_FRAME_ID, GBT27930_CRM_LENGTH, GBT27930_CRM_LENGTH, on_crm},
    {GBT27930_CML_FRAME_ID, 6, GBT27930_CML_LENGTH, on_cml},
    {GBT27930_CRO_FRAME_ID, GBT27930_CRO_LENGTH, GBT27930_CRO_LENGTH, on_cro},
    {GBT27930_CCS_FRAME_ID, 6, GBT27930_CCS_LENGTH, on_ccs},
    {GBT27930_CST_FRAME_ID, GBT27930_CST_LENGTH, GBT27930_CST_LENGTH, on_cst},
    {GBT27930_CSD_FRAME_ID, 5, GBT27930_CSD_LENGTH, on_csd},
    {GBT27930_CEM_FRAME_ID, GBT27930_CEM_LENGTH, GBT27930_CEM_LENGTH, on_cem},
};

#define WITHOUT_PRIORITY(id) ((id) & 0x03FFFFFFu)

static void hear(struct bms *bms, const struct frame *frame, const struct battery *battery, uint64_t now_ms)
{
    uint8_t data[FRAME_BYTES];
    size_t i;

    memset(data, 0xFF, sizeof(data)); /* what a short form leaves out is not available */
    memcpy(data, frame->data, frame->length);
    for (i = 0; i < sizeof(HEARD) / sizeof(HEARD[0]); i++) {
        if (WITHOUT_PRIORITY(frame->id) != WITHOUT_PRIORITY(HEARD[i].id)) {
            continue;
        }
        if (frame->length < HEARD[i].shortest || frame->length > HEARD[i].longest) {
            bms->malformed++;
        } else {
            HEARD[i].on(bms, data, battery, now_ms);
        }
    }
}

void bms_receive(struct bms *bms, const struct frame *frame, const struct battery *battery, uint64_t now_ms)
{
    const uint32_t transport = j1939_id(0, TP_CM_PGN, BMS_ADDRESS, CHARGER_ADDRESS);

    if (!frame->extended) {
        return;
    }
    if (WITHOUT_PRIORITY(frame->id) != transport) {
        hear(bms, frame, battery, now_ms);
    } else if (frame->length == FRAME_BYTES) {
        tp_control(&bms->transport, frame->data, now_ms);
    } else {
        bms->malformed++;
    }
}

static void send_due(struct bms *bms, const struct battery *battery, uint64_t now_ms, struct outbox *out)
{
    uint8_t data[TP_MAX_BYTES];
    unsigned i;

    for (i = 0; i < BMS_MESSAGES; i++) {
        const enum bms_message message = (enum bms_message)i;
        const unsigned period_ms = bms_message_period_ms(message);
        size_t length;

        if (!(RULES[bms->step].sends & BIT(i)) || now_ms < bms->next_ms[i]
            || (message == SEND_BEM && bms->missed == 0) || (message == SEND_BSM && !bms->ccs_seen)) {
            continue;
        }
        bms->next_ms[i] = bms->next_ms[i] + period_ms > now_ms ? bms->next_ms[i] + period_ms : now_ms + period_ms;
        length = bms_message_build(message, bms, battery, data);
        if (length <= FRAME_BYTES) {
            outbox_put(out, bms_message_id(message), data, length);
        } else {
            bms->waiting |= BIT(i);
        }
    }
}

/* Open the transport for a long message that waits; what it says is measured now. */
static void send_waiting(struct bms *bms, const struct battery *battery, uint64_t now_ms, struct outbox *out)
{
    uint8_t data[TP_MAX_BYTES];
    unsigned i;

    for (i = 0; i < BMS_MESSAGES && !bms->transport.busy; i++) {
        if (bms->waiting & BIT(i)) {
            const enum bms_message message = (enum bms_message)i;
            const size_t length = bms_message_build(message, bms, battery, data);

            bms->waiting &= ~BIT(i);
            tp_send(&bms->transport, bms_message_id(message) >> 8 & 0x3FF00u, data, length, now_ms, out);
        }
    }
}

void bms_due(struct bms *bms, struct battery *battery, uint64_t now_ms, struct outbox *out)
{
    advance(bms, battery, now_ms);
    battery->contactor_closed = bms->live;
    send_due(bms, battery, now_ms, out);
    tp_due(&bms->transport, now_ms, out);
    send_waiting(bms, battery, now_ms, out);
}
