"""Simulates Vonage's Messages API on this machine, and the phones that receive the messages.

Written from what Vonage publishes and from nothing of ours: a misunderstanding on either side shows.
State is in memory only.
"""
