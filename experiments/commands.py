"""What the commands of experiments share: a ``--help`` that measures nothing, and the folder of the research data."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def no_options(description: str | None) -> None:
    """Let a command without options tell what it does, by ``--help``, and refuse whatever else it is given."""
    argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()


def shared_dir() -> Path:
    """Return the folder of the research data and InsightFace's pack; end the command with a sentence where there is none."""
    path = Path(os.environ.get("SHARED_DIR", "../shared")).resolve()
    if not (path / "data").is_dir():
        sys.exit(
            f"the research data must lie in {path / 'data'}, and there is no such folder. Set SHARED_DIR to the folder that "
            "holds data/; it cannot be part of the project."
        )
    return path
