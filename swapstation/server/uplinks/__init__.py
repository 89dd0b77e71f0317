"""What the server tells others by itself, and what they may ask by their own protocols."""
