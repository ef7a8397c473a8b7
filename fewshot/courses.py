"""The classes a teacher teaches, such as 7b: names that some of the enrolled share.

Called courses in code, where a class is one of emotions.
"""

from __future__ import annotations

from collections.abc import Iterable

from fewshot.errors import UnknownCourse
from fewshot.names import clean_name, name_key
from fewshot.person import Person

EVERYBODY = ""
"""The course of a lesson that is for all who are enrolled."""


def courses_of(people: Iterable[Person]) -> tuple[str, ...]:
    """Return every course that somebody takes, in the order of their names."""
    return tuple(sorted({course for person in people for course in person.courses}, key=name_key))


def agreed(courses: Iterable[str], people: Iterable[Person]) -> tuple[str, ...]:
    """Return courses as they are kept: each once, in order, cleaned, and spelled as ``people`` have it
    already, else as it was first typed.

    Raises:
        EnrollmentError: a name that cannot be shown.
    """
    spelled = {name_key(course): course for course in courses_of(people)}
    cleaned = [clean_name(course, "class") for course in courses]
    return tuple(sorted({spelled.setdefault(name_key(course), course) for course in cleaned}, key=name_key))


def members(people: Iterable[Person], course: str) -> tuple[Person, ...]:
    """Return who takes a course; all of them for :data:`EVERYBODY`."""
    return tuple(person for person in people if course == EVERYBODY or course in person.courses)


def find_course(people: Iterable[Person], course: str) -> str:
    """Return a course as it is spelled among ``people``; UnknownCourse where nobody takes it."""
    if course == EVERYBODY:
        return course
    known = courses_of(people := tuple(people))
    (found,) = agreed([course], people)
    if found not in known:
        raise UnknownCourse(
            f"A class must be one that somebody enrolled is taught in ({', '.join(known) or 'there is none'}), "
            f"got '{course}'. Say it when you enroll students, with --course or on the page Enroll."
        )
    return found
