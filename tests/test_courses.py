"""Classes by name: one spelling, one order, and who is in them."""

from dataclasses import replace

import pytest

from fewshot.courses import EVERYBODY, agreed, courses_of, find_course, members
from fewshot.errors import EnrollmentError, UnknownCourse
from tests.people import make_person

ADA, BOB, CY = make_person(1, "Ada"), make_person(2, "Bob"), make_person(3, "Cy")
PEOPLE = (replace(ADA, courses=("7b", "Algebra")), replace(BOB, courses=("7b",)), CY)


def test_a_class_is_named_by_whom_it_has() -> None:
    assert courses_of(PEOPLE) == ("7b", "Algebra")
    assert [p.name for p in members(PEOPLE, "7b")] == ["Ada", "Bob"]
    assert members(PEOPLE, "algebra") == (), "courses are compared as they are spelled; agreed() spells them"
    assert members(PEOPLE, EVERYBODY) == PEOPLE
    assert courses_of([CY]) == ()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (["ALGEBRA", " 7B "], ("7b", "Algebra")),
        (["8a", "8A"], ("8a",)),
        ([], ()),
        (["Logic  and proof"], ("Logic and proof",)),
    ],
)
def test_a_class_is_spelled_as_before(typed: list[str], kept: tuple[str, ...]) -> None:
    assert agreed(typed, PEOPLE) == kept


def test_a_class_needs_a_name() -> None:
    with pytest.raises(EnrollmentError, match=r"A class needs a name, got an empty one\."):
        agreed(["7b", " "], PEOPLE)


def test_a_class_that_nobody_is_in_is_told_with_those_there_are() -> None:
    assert find_course(PEOPLE, "ALGEBRA") == "Algebra"
    assert find_course((), EVERYBODY) == EVERYBODY
    with pytest.raises(UnknownCourse, match=r"\(7b, Algebra\), got '9c'\. Say it when you enroll"):
        find_course(PEOPLE, "9c")
    with pytest.raises(UnknownCourse, match="there is none"):
        find_course([CY], "7b")
