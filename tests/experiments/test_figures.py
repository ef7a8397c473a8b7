"""The README quotes what was measured, and nothing else."""

import pytest

from experiments.figures import FILES, ROOT, fill


@pytest.mark.parametrize("name", FILES)
def test_quoted_figures_are_those_of_the_results(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "<!-- figures: " in text
    assert fill(text) == text, "run: python -m experiments.figures"
