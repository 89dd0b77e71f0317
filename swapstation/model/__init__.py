"""The words of the domain: frozen dataclasses that every process and every layer shares."""
