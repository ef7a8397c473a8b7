"""What a measurement ran on. By itself, for a command that measures memory must not load what only others need."""

from __future__ import annotations

import platform
from pathlib import Path

from fewshot.cores import usable_cores


def processor() -> str:
    """Return the processor's name, and whether it multiplies 8-bit integers in one step (VNNI)."""
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.is_file():
        return platform.processor() or platform.machine()
    text = cpuinfo.read_text()
    name = next((line.split(":")[1].strip() for line in text.splitlines() if line.startswith("model name")), "")
    return f"{name or platform.machine()}, {'with' if 'vnni' in text else 'without'} VNNI"


def machine() -> str:
    """Return the processor's name and what of it was used."""
    return f"{processor()}, {usable_cores()} cores"
