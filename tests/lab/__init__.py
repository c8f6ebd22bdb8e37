"""Synthetic traffic with known laws, and trials of the policy lab on it: `make lab`."""
