#include "bms_messages.h"

#include <math.h>

#include "fill.h"
#include "gbt27930.h"

#define TAPER_FROM_PCT 90.0
#define LEAST_SHARE 0.1
#define DERATE_ABOVE_C 50.0
#define DERATED_SHARE 0.5
#define LONGEST_REMAINING_MIN 600.0
#define PROBE_SPREAD_C 2.0
#define MOST_CELLS 256u
#define NOT_AVAILABLE 0xFFu

DEFINE_PACK_FILLED(gbt27930_bhm, GBT27930_BHM_LENGTH)
DEFINE_PACK_FILLED(gbt27930_brm, GBT27930_BRM_LENGTH)
DEFINE_PACK_FILLED(gbt27930_bcp, GBT27930_BCP_LENGTH)
DEFINE_PACK_FILLED(gbt27930_bro, GBT27930_BRO_LENGTH)
DEFINE_PACK_FILLED(gbt27930_bcl, GBT27930_BCL_LENGTH)
DEFINE_PACK_FILLED(gbt27930_bcs, GBT27930_BCS_LENGTH)
DEFINE_PACK_FILLED(gbt27930_bsm, GBT27930_BSM_LENGTH)
DEFINE_PACK_FILLED(gbt27930_bst, GBT27930_BST_LENGTH)
DEFINE_PACK_FILLED(gbt27930_bsd, GBT27930_BSD_LENGTH)
DEFINE_PACK_FILLED(gbt27930_bem, GBT27930_BEM_LENGTH)

static double voltage_v(const struct battery *battery)
{
    return within(battery_voltage_v(battery), 0.0, 1500.0);
}

static double wire_current_a(double charging_a)
{
    return within(-charging_a, -400.0, 400.0); /* on this wire, and only here, charging is negative */
}

static double hottest_c(const struct battery *battery)
{
    return within(battery->temperature_c, -48.0, 200.0);
}

static double highest_cell_v(const struct battery *battery, unsigned *place)
{
    unsigned i;

    *place = 0;
    for (i = 1; i < battery->cells; i++) {
        if (battery_cell_v(battery, i) > battery_cell_v(battery, *place)) {
            *place = i;
        }
    }
    return within(battery_cell_v(battery, *place), 0.0, 24.0);
}

static double lowest_cell_v(const struct battery *battery)
{
    double lowest_v = 24.0;
    unsigned i;

    for (i = 0; i < battery->cells; i++) {
        lowest_v = fmin(lowest_v, battery_cell_v(battery, i));
    }
    return within(lowest_v, 0.0, 24.0);
}

/* Full current up to 90 % SOC, then a taper down to a tenth; half above 50 degC. */
static double wanted_current_a(const struct battery *battery)
{
    const double above_pct = fmax(battery_soc_pct(battery) - TAPER_FROM_PCT, 0.0);
    double share = fmax(1.0 - (1.0 - LEAST_SHARE) * above_pct / (100.0 - TAPER_FROM_PCT), LEAST_SHARE);

    if (battery->temperature_c > DERATE_ABOVE_C) {
        share *= DERATED_SHARE;
    }
    return battery->max_current_a * share;
}

static double remaining_min(const struct battery *battery)
{
    const double missing_ah = battery_capacity_ah(battery) - battery->charge_ah;

    if (battery->current_a * LONGEST_REMAINING_MIN <= missing_ah * 60.0) {
        return LONGEST_REMAINING_MIN;
    }
    return missing_ah * 60.0 / battery->current_a;
}

static uint32_t maker_text(const char *maker)
{
    uint32_t text = 0xFFFFFFFFu;
    unsigned i;

    for (i = 0; i < 4 && maker[i] != '\0'; i++) {
        text = (text & ~(0xFFu << (8 * i))) | (uint32_t)(uint8_t)maker[i] << (8 * i);
    }
    return text;
}

static size_t build_bhm(const struct bms *bms, const struct battery *battery, uint8_t *data)
{
    struct gbt27930_bhm_t bhm;

    (void)bms;
    bhm.max_voltage = gbt27930_bhm_max_voltage_encode(battery->max_voltage_v);
    return gbt27930_bhm_pack_filled(data, &bhm);
}

static size_t build_brm(const struct bms *bms, const struct battery *battery, uint8_t *data)
{
    struct gbt27930_brm_t brm;

    (void)bms;
    memset(&brm, 0xFF, sizeof(brm));
    brm.version_minor = 1;
    brm.version_major = 1;
    brm.battery_type = GBT27930_BRM_BATTERY_TYPE_LFP_CHOICE;
    brm.rated_capacity = gbt27930_brm_rated_capacity_encode(within(battery_capacity_ah(battery), 0.0, 6553.4));
    brm.rated_voltage = gbt27930_brm_rated_voltage_encode(within(battery->cells * CELL_NOMINAL_V, 0.0, 1500.0));
    brm.maker = maker_text(battery->maker);
    brm.serial = battery->serial;
    return gbt27930_brm_pack_filled(data, &brm);
}

static size_t build_bcp(const struct bms *bms, const struct battery *battery, uint8_t *data)
{
    struct gbt27930_bcp_t bcp;

    (void)bms;
    bcp.max_cell = gbt27930_bcp_max_cell_encode(CELL_MAX_V);
    bcp.max_current = gbt27930_bcp_max_current_encode(wire_current_a(battery->max_current_a));
    bcp.nominal_energy = gbt27930_bcp_nominal_energy_encode(battery->energy_kwh);
    bcp.max_voltage = gbt27930_bcp_max_voltage_encode(battery->max_voltage_v);
    bcp.max_temperature = gbt27930_bcp_max_temperature_encode(FAULT_ABOVE_C);
    bcp.soc = gbt27930_bcp_soc_encode(within(battery_soc_pct(battery), 0.0, 100.0));
    bcp.pack_voltage = gbt27930_bcp_pack_voltage_encode(voltage_v(battery));
    return gbt27930_bcp_pack_filled(data, &bcp);
}

static size_t build_bro(const struct bms *bms, const struct battery *battery, uint8_t *data)
{
    struct gbt27930_bro_t bro;

    (void)bms;
    bro.ready = battery->contactor_closed ? GBT27930_BRO_READY_YES_CHOICE : GBT27930_BRO_READY_NO_CHOICE;
    return gbt27930_bro_pack_filled(data, &bro);
}

static size_t build_bcl(const struct bms *bms, const struct battery *battery, uint8_t *data)
{
    struct gbt27930_bcl_t bcl;

    (void)bms;
    bcl.wanted_voltage = gbt27930_bcl_wanted_voltage_encode(battery->max_voltage_v);
    bcl.wanted_current = gbt27930_bcl_wanted_current_encode(wire_current_a(wanted_current_a(battery)));
    bcl.mode = GBT27930_BCL_MODE_CONSTANT_CURRENT_CHOICE;
    return gbt27930_bcl_pack_filled(data, &bcl);
}

static size_t build_bcs(const struct bms *bms, const struct battery *battery, uint8_t *data)
{
    struct gbt27930_bcs_t bcs;
    unsigned cell;

    (void)bms;
    bcs.voltage = gbt27930_bcs_voltage_encode(voltage_v(battery));
    bcs.current = gbt27930_bcs_current_encode(wire_current_a(battery->current_a));
    bcs.max_cell = gbt27930_bcs_max_cell_encode(highest_cell_v(battery, &cell));
    bcs.max_cell_group = 0;
    bcs.soc = (uint8_t)within(battery_soc_pct(battery), 0.0, 100.0);
    bcs.remaining = gbt27930_bcs_remaining_encode(remaining_min(battery));
    return gbt27930_bcs_pack_filled(data, &bcs);
}

static size_t build_bsm(const struct bms *bms, const struct battery *battery, uint8_t *data)
{
    struct gbt27930_bsm_t bsm;
    unsigned cell;

    (void)bms;
    memset(&bsm, 0, sizeof(bsm));
    highest_cell_v(battery, &cell);
    bsm.max_cell_number = (uint8_t)cell;
    bsm.max_temperature = gbt27930_bsm_max_temperature_encode(hottest_c(battery));
    bsm.min_temperature = gbt27930_bsm_min_temperature_encode(hottest_c(battery) - PROBE_SPREAD_C);
    if (battery->temperature_c > FAULT_ABOVE_C) {
        bsm.temperature_state = GBT27930_BSM_TEMPERATURE_STATE_OVER_TEMPERATURE_CHOICE;
    }
    bsm.permitted = battery->temperature_c <= PERMITTED_UP_TO_C ? GBT27930_BSM_PERMITTED_YES_CHOICE
                                                                 : GBT27930_BSM_PERMITTED_NO_CHOICE;
    return gbt27930_bsm_pack_filled(data, &bsm);
}

static size_t build_bmv(const struct bms *bms, const struct battery *battery, uint8_t *data)
{
    const unsigned cells = battery->cells < MOST_CELLS ? battery->cells : MOST_CELLS;
    struct gbt27930_bmv_t bmv;
    unsigned i;

    (void)bms;
    bmv.groups = 0;
    for (i = 0; i < cells; i++) {
        bmv.voltages = gbt27930_bmv_voltages_encode(within(battery_cell_v(battery, i), 0.0, 24.0));
        gbt27930_bmv_pack(data + (size_t)i * GBT27930_BMV_LENGTH, &bmv, GBT27930_BMV_LENGTH);
    }
    return (size_t)cells * GBT27930_BMV_LENGTH;
}

static size_t build_bmt(const struct bms *bms, const struct battery *battery, uint8_t *data)
{
    const double hot_c = hottest_c(battery);

    (void)bms;
    data[0] = gbt27930_bmt_temperatures_encode(hot_c);
    data[1] = gbt27930_bmt_temperatures_encode(hot_c - PROBE_SPREAD_C);
    return 2;
}

static uint8_t pair(unsigned bits, unsigned bit)
{
    return (bits & bit) != 0;
}

static size_t build_bst(const struct bms *bms, const struct battery *battery, uint8_t *data)
{
    struct gbt27930_bst_t bst;

    (void)battery;
    memset(&bst, 0, sizeof(bst));
    bst.soc_reached = pair(bms->stop_reasons, STOP_SOC_REACHED);
    bst.voltage_reached = pair(bms->stop_reasons, STOP_VOLTAGE_REACHED);
    bst.cell_voltage_reached = pair(bms->stop_reasons, STOP_CELL_VOLTAGE_REACHED);
    bst.charger_stopped = pair(bms->stop_reasons, STOP_CHARGER_STOPPED);
    bst.pack_over_temperature = pair(bms->stop_reasons, STOP_OVER_TEMPERATURE);
    bst.parameters_mismatch = NOT_AVAILABLE; /* reserved in the 2015 edition */
    return gbt27930_bst_pack_filled(data, &bst);
}

static size_t build_bsd(const struct bms *bms, const struct battery *battery, uint8_t *data)
{
    struct gbt27930_bsd_t bsd;
    unsigned cell;

    (void)bms;
    bsd.soc = (uint8_t)within(battery_soc_pct(battery), 0.0, 100.0);
    bsd.min_cell = gbt27930_bsd_min_cell_encode(lowest_cell_v(battery));
    bsd.max_cell = gbt27930_bsd_max_cell_encode(highest_cell_v(battery, &cell));
    bsd.min_temperature = gbt27930_bsd_min_temperature_encode(hottest_c(battery) - PROBE_SPREAD_C);
    bsd.max_temperature = gbt27930_bsd_max_temperature_encode(hottest_c(battery));
    return gbt27930_bsd_pack_filled(data, &bsd);
}

static size_t build_bem(const struct bms *bms, const struct battery *battery, uint8_t *data)
{
    struct gbt27930_bem_t bem;

    (void)battery;
    bem.crm00 = pair(bms->missed, 1u << WAIT_CRM_00);
    bem.crm_aa = pair(bms->missed, 1u << WAIT_CRM_AA);
    bem.cts_cml = pair(bms->missed, 1u << WAIT_CTS_CML);
    bem.cro = pair(bms->missed, 1u << WAIT_CRO);
    bem.ccs = pair(bms->missed, 1u << WAIT_CCS);
    bem.cst = pair(bms->missed, 1u << WAIT_CST);
    bem.csd = pair(bms->missed, 1u << WAIT_CSD);
    return gbt27930_bem_pack_filled(data, &bem);
}

static const struct {
    uint32_t id;
    unsigned period_ms;
    size_t (*build)(const struct bms *bms, const struct battery *battery, uint8_t *data);
} TABLE[BMS_MESSAGES] = {
    [SEND_BHM] = {GBT27930_BHM_FRAME_ID, GBT27930_BHM_CYCLE_TIME_MS, build_bhm},
    [SEND_BRM] = {GBT27930_BRM_FRAME_ID, GBT27930_BRM_CYCLE_TIME_MS, build_brm},
    [SEND_BCP] = {GBT27930_BCP_FRAME_ID, GBT27930_BCP_CYCLE_TIME_MS, build_bcp},
    [SEND_BRO] = {GBT27930_BRO_FRAME_ID, GBT27930_BRO_CYCLE_TIME_MS, build_bro},
    [SEND_BCL] = {GBT27930_BCL_FRAME_ID, GBT27930_BCL_CYCLE_TIME_MS, build_bcl},
    [SEND_BCS] = {GBT27930_BCS_FRAME_ID, GBT27930_BCS_CYCLE_TIME_MS, build_bcs},
    [SEND_BSM] = {GBT27930_BSM_FRAME_ID, GBT27930_BSM_CYCLE_TIME_MS, build_bsm},
    [SEND_BMV] = {GBT27930_BMV_FRAME_ID, GBT27930_BMV_CYCLE_TIME_MS, build_bmv},
    [SEND_BMT] = {GBT27930_BMT_FRAME_ID, GBT27930_BMT_CYCLE_TIME_MS, build_bmt},
    [SEND_BST] = {GBT27930_BST_FRAME_ID, GBT27930_BST_CYCLE_TIME_MS, build_bst},
    [SEND_BSD] = {GBT27930_BSD_FRAME_ID, GBT27930_BSD_CYCLE_TIME_MS, build_bsd},
    [SEND_BEM] = {GBT27930_BEM_FRAME_ID, GBT27930_BEM_CYCLE_TIME_MS, build_bem},
};

uint32_t bms_message_id(enum bms_message message)
{
    return TABLE[message].id;
}

unsigned bms_message_period_ms(enum bms_message message)
{
    return TABLE[message].period_ms;
}

size_t bms_message_build(enum bms_message message, const struct bms *bms, const struct battery *battery,
                         uint8_t data[TP_MAX_BYTES])
{
    return TABLE[message].build(bms, battery, data);
}
