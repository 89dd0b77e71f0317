"""The HTTP server process: API, live stream and operator page over the controller's socket."""
