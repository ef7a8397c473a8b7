"""The cores that this process may use: a real binding, and quotas as Docker, Kubernetes and systemd write them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fewshot.cores import usable_cores

PLENTY = 64
V2 = "30 24 0:26 {top} /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"
V1 = "33 24 0:30 {top} /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct"
CPUSET = "34 24 0:31 / /sys/fs/cgroup/cpuset rw shared:10 - cgroup cgroup rw,cpuset"


@pytest.fixture(autouse=True)
def a_large_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(PLENTY)), raising=False)


def machine(folder: Path, mounts: list[str], own: list[str], files: dict[str, str]) -> Path:
    write = {"proc/self/mountinfo": "\n".join(mounts), "proc/self/cgroup": "\n".join(own)} | files
    for name, text in write.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text + "\n")
    return folder


@pytest.mark.parametrize(
    ("quota", "cores"),
    [
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("25000 50000", 1),
        ("max 100000", PLENTY),
        ("9900000 100000", PLENTY),
    ],
)
def test_a_containers_quota_counts_rounded_up(tmp_path: Path, quota: str, cores: int) -> None:
    files = {"sys/fs/cgroup/cpu.max": quota}
    assert usable_cores(machine(tmp_path, [V2.format(top="/")], ["0::/"], files)) == cores


def test_a_mount_from_nowhere_hides_no_quota(tmp_path: Path) -> None:
    mounts = ["29 24 0:25 / /tmp rw - tmpfs  rw", V2.format(top="/")]
    assert usable_cores(machine(tmp_path, mounts, ["0::/"], {"sys/fs/cgroup/cpu.max": "100000 100000"})) == 1


def test_the_tightest_quota_around_the_process_counts(tmp_path: Path) -> None:
    files = {
        "sys/fs/cgroup/pods/one/cpu.max": "800000 100000",
        "sys/fs/cgroup/pods/cpu.max": "300000 100000",
        "sys/fs/cgroup/other/cpu.max": "100000 100000",
    }
    assert usable_cores(machine(tmp_path, [CPUSET, V2.format(top="/")], ["0::/pods/one"], files)) == 3


def test_quotas_of_version_1_count(tmp_path: Path) -> None:
    folder = "sys/fs/cgroup/cpu,cpuacct"
    files = {
        f"{folder}/docker/1f/cpu.cfs_quota_us": "-1",
        f"{folder}/docker/1f/cpu.cfs_period_us": "100000",
        f"{folder}/docker/cpu.cfs_quota_us": "400000",
        f"{folder}/docker/cpu.cfs_period_us": "100000",
        "sys/fs/cgroup/cpuset/docker/1f/cpu.cfs_quota_us": "100000",
    }
    own = ["12:cpuset:/docker/1f", "4:cpu,cpuacct:/docker/1f", "1:name=systemd:/docker/1f", "0::/"]
    assert usable_cores(machine(tmp_path, [CPUSET, V1.format(top="/")], own, files)) == 4


def test_a_container_without_a_namespace_finds_its_own_at_the_mount(tmp_path: Path) -> None:
    files = {
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "200000",
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000",
    }
    mounted = machine(tmp_path, [V1.format(top="/docker/1f")], ["4:cpu,cpuacct:/docker/1f"], files)
    assert usable_cores(mounted) == 2
    (tmp_path / "proc/self/cgroup").write_text("4:cpu,cpuacct:/another\n")
    assert usable_cores(mounted) == 2


@pytest.mark.parametrize("damaged", ["", "many", "1 2 3", "100000 0"])
def test_what_cannot_be_read_limits_nothing(tmp_path: Path, damaged: str) -> None:
    assert usable_cores(tmp_path) == PLENTY
    files = {"sys/fs/cgroup/cpu.max": damaged}
    assert usable_cores(machine(tmp_path, [V2.format(top="/")], ["0::/"], files)) == PLENTY


@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or (os.cpu_count() or 1) < 2, reason="needs Linux and two cores to use one of"
)
def test_a_process_bound_to_one_core_makes_threads_for_one() -> None:
    code = """
import os
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
import cv2
from app.socket.transport import worker_count
from fewshot.encoder import session_options
from fewshot.face.onnx_files import THREADS
assert (worker_count(), session_options().intra_op_num_threads, THREADS, cv2.getNumThreads()) == (2, 1, 1, 1)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_libraries_are_told_of_a_quota_that_they_do_not_see() -> None:
    code = """
import os
import cv2, torch
import fewshot.cores
cv2.setNumThreads(4)
torch.set_num_threads(4)
fewshot.cores.usable_cores = lambda: 1
os.cpu_count = lambda: 8
import fewshot.face, fewshot.encoder, fewshot.learn.backbones
assert (cv2.getNumThreads(), torch.get_num_threads()) == (1, 1)
assert fewshot.encoder.session_options().intra_op_num_threads == 1
assert fewshot.encoder.session_options(3).intra_op_num_threads == 3
"""
    subprocess.run([sys.executable, "-c", code], check=True)
