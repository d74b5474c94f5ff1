"""Loaded by the workers of `local:`: Ctrl-C is for their client, which ends them."""

import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
