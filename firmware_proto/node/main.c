/* swapstation-node: rack I/O node, charging-module node and BMS of one bay, on the station segment and on the bay's own. */

#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bms_node.h"
#include "can_link.h"
#include "knobs.h"
#include "plant_link.h"
#include "rack_module_node.h"

#define TICK_MS 5
#define LONGEST_GAP_S 0.5
#define LONGEST_STEP_S 0.2
#define BAD_INPUT 2

static const char USAGE[] =
    "usage: swapstation-node --bay N --station ADDRESS --battery ADDRESS [options]\n"
    "  --bay N               bay number, 1 to 31\n"
    "  --station ADDRESS     slcan wire of the station segment: tcp:HOST:PORT or a serial device\n"
    "  --battery ADDRESS     slcan wire of the bay's own segment\n"
    "  --plant PATH          control socket of the station simulator; without it a battery stands in the bay\n"
    "  --soc PERCENT         charge of that battery at the start (50)\n"
    "  --speed FACTOR        charging faster than real, 0 to 200 (1); a simulator tells its own\n"
    "  --protocol-version N  version that the nodes show, 1 to 250 (1)\n";

struct options {
    const char *station, *battery, *plant;
    double bay, soc_pct, speed, protocol_version;
};

struct node {
    struct plant plant;
    struct rack_module_node rack_module;
    struct bms bms;
    struct can_link station, battery;
    struct plant_link plant_link;
    struct knobs knobs;
    struct outbox to_station, to_battery;
    double speed;
    bool simulated;
};

static volatile sig_atomic_t ended;
static struct node node; /* all memory of the program: nothing is allocated */

static void end(int number)
{
    (void)number;
    ended = 1;
}

static uint64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static bool number(const char *text, double low, double high, double *value)
{
    char *rest;

    *value = strtod(text, &rest);
    return *text != '\0' && *rest == '\0' && *value >= low && *value <= high;
}

static bool whole_number(const char *text, double low, double high, double *value)
{
    return number(text, low, high, value) && *value == (double)(int)*value;
}

static bool take_option(int option, const char *text, struct options *options)
{
    switch (option) {
    case 'b':
        return whole_number(text, 1, 31, &options->bay);
    case 's':
        options->station = text;
        return true;
    case 'c':
        options->battery = text;
        return true;
    case 'p':
        options->plant = text;
        return true;
    case 'q':
        return number(text, 0, 100, &options->soc_pct);
    case 'f':
        return number(text, 0, 200, &options->speed);
    case 'v':
        return whole_number(text, 1, 250, &options->protocol_version);
    default:
        return false;
    }
}

static bool read_options(int argc, char **argv, struct options *options)
{
    static const struct option LONG[] = {
        {"bay", required_argument, NULL, 'b'},     {"station", required_argument, NULL, 's'},
        {"battery", required_argument, NULL, 'c'}, {"plant", required_argument, NULL, 'p'},
        {"soc", required_argument, NULL, 'q'},     {"speed", required_argument, NULL, 'f'},
        {"protocol-version", required_argument, NULL, 'v'}, {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", LONG, NULL)) != -1) {
        if (!take_option(option, optarg, options)) {
            return false;
        }
    }
    return optind == argc && options->bay > 0.0 && options->station != NULL && options->battery != NULL;
}

static void put_own_battery(struct plant *plant, double soc_pct)
{
    const struct battery battery = {
        .name = "own", .maker = "999", .serial = 1, .energy_kwh = 282.0, .max_voltage_v = 733.6, .max_current_a = 350.0,
        .temperature_c = 25.0,
    };

    plant_put(plant, &battery, soc_pct);
    plant->sensed = plant->presence_a = plant->presence_b = plant->mated = true;
}

static void start(const struct options *options)
{
    static char plant_address[256];

    plant_init(&node.plant);
    bms_init(&node.bms);
    rack_module_init(&node.rack_module, (uint8_t)options->bay, (uint8_t)options->protocol_version);
    can_link_init(&node.station, options->station);
    can_link_init(&node.battery, options->battery);
    node.speed = options->speed;
    node.simulated = options->plant != NULL;
    if (node.simulated) {
        snprintf(plant_address, sizeof(plant_address), "unix:%s", options->plant);
        plant_link_init(&node.plant_link, plant_address, (uint8_t)options->bay);
    } else {
        put_own_battery(&node.plant, options->soc_pct);
    }
}

static void on_station(void *context, const struct frame *frame, uint64_t now_ms)
{
    struct node *const own = context;

    rack_module_receive(&own->rack_module, frame, &own->plant, now_ms);
}

static bool bms_awake(const struct node *own)
{
    return plant_occupied(&own->plant) && own->plant.mated && !own->plant.bms_silent;
}

static void on_battery(void *context, const struct frame *frame, uint64_t now_ms)
{
    struct node *const own = context;

    if (bms_awake(own)) {
        bms_receive(&own->bms, frame, &own->plant.battery, now_ms);
    }
}

static void advance_plant(double seconds)
{
    while (seconds > 0.0) {
        const double step_s = seconds < LONGEST_STEP_S ? seconds : LONGEST_STEP_S;

        plant_advance(&node.plant, step_s);
        seconds -= step_s;
    }
}

static void cycle(double gap_s, uint64_t now_ms)
{
    const bool was_mated = node.plant.mated;
    bool changed = false;

    if (node.simulated) {
        changed = plant_link_receive(&node.plant_link, &node.plant, &node.speed, now_ms);
    }
    knobs_read(&node.knobs, &node.plant);
    if (changed || (was_mated && !node.plant.mated)) {
        bms_init(&node.bms); /* unplugged: another battery, or the same one anew, knows nothing of the last process */
        node.plant.battery.contactor_closed = false;
    }
    can_link_receive(&node.station, on_station, &node, now_ms);
    can_link_receive(&node.battery, on_battery, &node, now_ms);
    advance_plant(gap_s * node.speed);
    rack_module_due(&node.rack_module, &node.plant, now_ms, &node.to_station);
    if (plant_occupied(&node.plant)) {
        bms_due(&node.bms, &node.plant.battery, now_ms, &node.to_battery);
    }
    if (!bms_awake(&node)) {
        node.to_battery.count = 0;
    }
    can_link_send(&node.station, &node.to_station);
    can_link_send(&node.battery, &node.to_battery);
    if (node.simulated) {
        plant_link_due(&node.plant_link, &node.plant, now_ms);
    }
}

static void wait_for_news(void)
{
    struct pollfd wires[] = {
        {node.station.stream.fd, POLLIN, 0},
        {node.battery.stream.fd, POLLIN, 0},
        {node.simulated ? node.plant_link.stream.fd : -1, POLLIN, 0},
    };

    poll(wires, sizeof(wires) / sizeof(wires[0]), TICK_MS);
}

int main(int argc, char **argv)
{
    struct options options = {NULL, NULL, NULL, 0.0, 50.0, 1.0, 1.0};
    struct sigaction ending;
    uint64_t then_ms = clock_ms();

    if (!read_options(argc, argv, &options)) {
        fputs(USAGE, stderr);
        return BAD_INPUT;
    }
    memset(&ending, 0, sizeof(ending));
    ending.sa_handler = end;
    sigaction(SIGTERM, &ending, NULL);
    sigaction(SIGINT, &ending, NULL);
    signal(SIGPIPE, SIG_IGN);
    start(&options);
    while (!ended) {
        const uint64_t now_ms = clock_ms();
        const double gap_s = (double)(now_ms - then_ms) / 1000.0;

        then_ms = now_ms;
        cycle(gap_s < LONGEST_GAP_S ? gap_s : LONGEST_GAP_S, now_ms);
        wait_for_news();
    }
    fprintf(stderr, "ended: station %u in %u out %u malformed, battery %u in %u out %u malformed\n",
            node.station.received, node.station.sent, node.station.malformed, node.battery.received, node.battery.sent,
            node.battery.malformed + node.bms.malformed);
    return 0;
}
