"""The whole system on 127.0.0.1, from the template that goes to AWS: no Docker, no account.

`python -m local.stack` (or `make run`) starts it, Ctrl-C stops it. The parts, in the order of their use:
settings, ports (what a developer may choose), keys (new for each start), processes (the emulator, the
Vonage simulator, the proxy), template and deploy (the template, translated for the emulator, becomes a stack),
proxy (the edge of the API), emulator (ministack and the bridges over its gaps), stack_file (how others
find the running stack), logs (what the functions wrote).
"""
