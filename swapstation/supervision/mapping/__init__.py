"""How a swap station looks in the words of a charging standard (interop.md 1.8, proposal of the product)."""
