"""Few-shot facial emotion: prototypes of a class, refined for each student, read live."""

import os
import signal
import sys

# read when the ONNX runtime is first imported: its use is nobody's business but the teacher's
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

if sys.argv[:1] == ["-m"] and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # A command's imports take seconds, and Ctrl-C would show where they were. It ends them at once, until run_command
    # answers it with a sentence.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
