from __future__ import annotations

import pytest

from app.markdown import plain


@pytest.mark.parametrize("text", ["Zoë O'Neil-Smith", "holiday 3 (1).jpg", "100 %, really!"])
def test_a_usual_name_stays_readable(text: str) -> None:
    assert plain(text).replace("\\-", "-") == text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("*Ada*", r"\*Ada\*"),
        ("![x](http://elsewhere/x.png)", r"!\[x\](http\://elsewhere/x.png)"),
        ("$x$ <b> # 1", r"\$x\$ \<b\> \# 1"),
    ],
)
def test_no_mark_is_left(text: str, escaped: str) -> None:
    assert plain(text) == escaped
