"""Run a module that dies, with everything it started, when its starter does: `python -m local.stack.leash MODULE ARGS`.

The starter holds the other end of standard input and never writes to it. Its end, even by SIGKILL, closes
the pipe, and the whole process group goes.
"""

import os
import runpy
import signal
import sys
import threading


def _die_with_the_starter() -> None:
    # Unbuffered, so that the interpreter's own exit does not wait for this thread's lock on sys.stdin.
    os.read(0, 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_die_with_the_starter, daemon=True).start()
    module = sys.argv.pop(1)
    runpy.run_module(module, run_name="__main__", alter_sys=True)
