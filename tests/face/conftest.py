from pathlib import Path

import pytest

from fewshot.face.backend import FaceBackend, load_backend
from tests.face.builders import faces_config


@pytest.fixture(scope="session")
def pack_root(shared_dir: Path) -> Path:
    """InsightFace's root with the pack buffalo_sc, whose terms forbid to ship it."""
    root = shared_dir / "models" / "insightface"
    if not root.is_dir():
        pytest.skip(f"needs InsightFace's pack buffalo_sc in {root}")
    return root


@pytest.fixture(scope="session", params=["builtin", "insightface"])
def backend(request: pytest.FixtureRequest) -> FaceBackend:
    """Each backend, loaded once; a test that takes it runs with both."""
    root = str(request.getfixturevalue("pack_root")) if request.param == "insightface" else "nowhere"
    return load_backend(faces_config(backend=request.param, pack_root=root))
