"""Few-shot facial emotion: prototypes of a class, refined for each student, read live."""

import os

# read when the ONNX runtime is first imported: its use is nobody's business but the teacher's
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
