/* J1939-21 connection-mode transport (RTS/CTS), sending side: GB/T 27930-2015 sends every message above 8 bytes so. */
#ifndef J1939_TP_H
#define J1939_TP_H

#include "frame.h"

#define TP_MAX_BYTES 1785u
#define TP_CM_PGN 0xEC00u
#define TP_NEVER UINT64_MAX

/* Zeroed, with both addresses set = idle. One message at a time. */
struct tp_sender {
    uint8_t own, peer;
    bool busy;
    uint32_t pgn;
    uint16_t size;
    uint8_t packets;
    uint16_t next, end; /* packets still to send of what was granted: next .. end - 1 */
    uint16_t highest;   /* packet sent so far */
    unsigned retransmissions;
    uint8_t aborting; /* reason of an abort that has to go out; 0 = none */
    uint64_t packet_ms, deadline_ms;
    uint8_t data[TP_MAX_BYTES];
    unsigned delivered, failed;
};

/* Open a connection for 9 to 1785 bytes; false when the size is wrong or another message is under way. */
bool tp_send(struct tp_sender *sender, uint32_t pgn, const uint8_t *data, size_t size, uint64_t now_ms,
             struct outbox *out);

/* Take the 8 bytes of a TP.CM frame from the peer; what does not concern the open connection is ignored. */
void tp_control(struct tp_sender *sender, const uint8_t data[FRAME_BYTES], uint64_t now_ms);

/* Send the packet that is due, or give up: an abort goes out and `failed` counts. */
void tp_due(struct tp_sender *sender, uint64_t now_ms, struct outbox *out);

/* Forget the message under way without a word: the partner has started the process again. */
void tp_cancel(struct tp_sender *sender);

/* A 29-bit identifier; the destination of a broadcast (PDU2) PGN is not used. */
uint32_t j1939_id(unsigned priority, uint32_t pgn, uint8_t destination, uint8_t source);

#endif
