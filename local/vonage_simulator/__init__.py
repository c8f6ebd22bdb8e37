"""A stand-in for Vonage's Messages API on this machine, with the phones at its other end.

Written from what Vonage publishes and from nothing of ours: a misunderstanding on either side shows.
State is in memory only.
"""
