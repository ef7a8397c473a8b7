"""InsightFace's model packs on disk: where one is, what it lacks, and its download when the user asks for it."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

from fewshot.config import expand_home
from fewshot.errors import PackMissing, WeightsError
from fewshot.sentence import Sentence

KNOWN_PACKS = {
    "buffalo_sc": ("det_500m.onnx", "w600k_mbf.onnx"),
    "buffalo_s": ("det_500m.onnx", "w600k_mbf.onnx"),
    "buffalo_m": ("det_2.5g.onnx", "w600k_r50.onnx"),
    "buffalo_l": ("det_10g.onnx", "w600k_r50.onnx"),
    "antelopev2": ("scrfd_10g_bnkps.onnx", "glintr100.onnx"),
}
"""The detector and the identity model that each published pack must hold."""

LICENCE = Sentence(
    "InsightFace's model packs are for non-commercial research only; other uses need a licence from {site}.",
    "insightface_licence",
    site="insightface.ai",
)


def pack_folder(root: Path, name: str) -> Path:
    """Return the folder of the pack ``name`` under an InsightFace root, existing or not."""
    return expand_home(root) / "models" / name


def missing(folder: Path) -> Sentence | None:
    """Return what keeps ``folder`` from being a complete pack; None if nothing does."""
    home = expand_home("~")
    shown = f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)
    if not folder.is_dir():
        return Sentence("there is no folder {folder}.", "no_folder", folder=shown)
    lacking = [file for file in KNOWN_PACKS.get(folder.name, ()) if not (folder / file).is_file()]
    if lacking:
        return Sentence("{folder} lacks {files}.", "files_lacking", folder=shown, files=", ".join(lacking))
    if not any(folder.glob("*.onnx")):
        return Sentence("{folder} holds no {kind} file.", "no_such_file", folder=shown, kind=".onnx")
    return None


def ensure_pack(root: Path, name: str, *, download: bool) -> None:
    """Make sure the pack ``name`` is complete under ``root``, downloading it only if ``download`` says so.

    Raises:
        PackMissing: it is not complete, and ``download`` is false or has failed.
    """
    folder = pack_folder(root, name)
    reason = missing(folder)
    if not reason:
        return
    if not download:
        raise PackMissing(
            Sentence(
                "InsightFace's pack '{pack}' must be complete, but {why} Set faces.pack_root to the folder that holds "
                "models/{pack}, or faces.download=true to fetch it, or faces.backend=builtin. {licence}",
                "pack_missing",
                pack=name,
                why=reason,
                licence=LICENCE,
            )
        )
    _download(root, name)
    if reason := missing(folder):
        raise PackMissing(
            f"InsightFace's pack '{name}' was downloaded but is not complete: {reason} Delete {folder} and try again."
        )


def _download(root: Path, name: str) -> None:
    try:
        from insightface.utils import storage
    except ImportError as error:
        raise WeightsError(
            f"the package insightface must be installed to download '{name}': {error}. Install this project again with"
            " pip, or use faces.backend=builtin, which needs no download."
        ) from error
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # the vendor prints its progress
            storage.download("models", name, force=True, root=str(expand_home(root)))
    except Exception as error:  # requests, zipfile and the file system each raise their own
        raise PackMissing(
            f"InsightFace's pack '{name}' could not be downloaded: {error}. Check the network and the name, or use"
            " faces.backend=builtin, which needs no download."
        ) from error
