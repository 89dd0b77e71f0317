"""The only place with sockets, ttys and buses: opens wires, drives the nodes on them, reconnects, counts."""
