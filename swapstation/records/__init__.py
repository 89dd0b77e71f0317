"""What is kept beside the station database: the black box of safety events."""
