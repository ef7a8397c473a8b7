"""How many processor cores this process may use, which in a container with a quota are fewer than its machine has."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath


def usable_cores(root: Path = Path("/")) -> int:
    """Return how many cores this process may use: those it is bound to, within the CPU quotas of its cgroups, rounded up.

    Libraries count the cores of the machine, and with a quota (``docker --cpus 2``, a limit of Kubernetes) so many threads
    use up in a moment what is meant for a tenth of a second, and all of them stand still for the rest.

    Args:
        root: Where /proc and /sys are.
    """
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        return max(1, min([bound, *(math.ceil(quota) for quota in _quotas(root))]))
    except (OSError, ValueError, ZeroDivisionError):  # no Linux, or one that tells it in another way
        return bound


def _quotas(root: Path) -> Iterator[float]:
    """Yield, in cores, every quota that holds for this process, of cgroups in version 1 and 2."""
    own_v1 = own_v2 = None
    for line in (root / "proc/self/cgroup").read_text().splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0":
            own_v2 = PurePosixPath(path)
        elif "cpu" in controllers.split(","):
            own_v1 = PurePosixPath(path)
    for line in (root / "proc/self/mountinfo").read_text().splitlines():
        mount, _, filesystem = line.partition(" - ")
        kind, _, options = filesystem.split(" ", 2)  # a mount may come from nowhere
        if kind == "cgroup2":
            own, read = own_v2, _read_v2
        elif kind == "cgroup" and "cpu" in options.split(","):
            own, read = own_v1, _read_v1
        else:
            continue
        top, point = mount.split()[3:5]
        for folder in _own_and_above(root / point.lstrip("/"), PurePosixPath(top), own):
            quota = read(folder)
            if quota is not None:
                yield quota


def _own_and_above(point: Path, top: PurePosixPath, own: PurePosixPath | None) -> Iterator[Path]:
    """Yield the folders of a cgroup and of those around it; ``point`` is where the cgroup ``top`` is mounted.

    Without a namespace of its own a container is told its path on the machine, and finds itself at the mount.
    """
    below = own.relative_to(top) if own is not None and own.is_relative_to(top) else PurePosixPath()
    for part in (below, *below.parents):
        yield point / part


def _read_v2(folder: Path) -> float | None:
    file = folder / "cpu.max"
    if not file.is_file():  # the root has none
        return None
    quota, period = file.read_text().split()
    return None if quota == "max" else int(quota) / int(period)


def _read_v1(folder: Path) -> float | None:
    file = folder / "cpu.cfs_quota_us"
    if not file.is_file():
        return None
    quota, period = int(file.read_text()), int((folder / "cpu.cfs_period_us").read_text())
    return quota / period if quota > 0 else None
