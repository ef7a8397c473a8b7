"""Journey 1: images -> encoder. The only part of the project that needs torch (the extra ``train``)."""

from importlib.util import find_spec

for _package in ("torch", "pytorch_lightning", "pytorch_metric_learning"):
    if find_spec(_package) is None:
        raise ModuleNotFoundError(
            f"training needs {_package}, which watching a class does not, and it is not installed. "
            "Run: pip install --constraint constraints.txt '.[train]'",
            name=_package,
        )
