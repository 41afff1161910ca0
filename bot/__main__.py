"""`python -m bot` is the command `seedwatch`. Small: Ctrl-C is understood once this is imported, and the rest takes half a second."""

import os
import signal
import sys


def main() -> None:
    """Runs the command line. Ctrl-C ends the process at once while it is imported; after that the commands know what to do."""
    interrupted = signal.getsignal(signal.SIGINT)
    if interrupted is signal.default_int_handler:  # else it is ignored, as in the background of a script
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    from bot.cli import build, run

    app = build()
    signal.signal(signal.SIGINT, interrupted)
    sys.exit(run(app))


if __name__ == "__main__":
    main()
