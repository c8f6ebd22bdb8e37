"""Dispatches in the shell: sent with one command, and followed line by line until they are over."""
