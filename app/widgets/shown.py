"""What the page Live may show of a lesson: its students by name, by a number, or not at all."""

from __future__ import annotations

from dataclasses import replace

from app.state.lesson import Lesson
from app.state.lesson_view import LessonView
from app.state.resources import Resources
from fewshot.classroom.modes import people_as, pseudonyms
from fewshot.courses import members
from fewshot.person import Person


def shown_people(resources: Resources, lesson: Lesson) -> tuple[Person, ...]:
    """Return the class that is taught, as its students are called in this lesson; nobody where it hides individuals."""
    return members(shown_everybody(resources, lesson), lesson.entry.course)


def shown_everybody(resources: Resources, lesson: Lesson) -> tuple[Person, ...]:
    """Return those of all classes likewise, for students of another one may teach this one a state."""
    people, mode = resources.roster.gallery().people, lesson.entry.mode
    if mode == "aggregate":
        return ()
    return people if mode == "full" else people_as(people, pseudonyms(people, resources.words))


def shown_view(resources: Resources, lesson: Lesson) -> LessonView:
    """Return the lesson at this moment, likewise; where it hides individuals only the counts are left."""
    view = lesson.view()
    names = {person.person_id: person.name for person in shown_people(resources, lesson)}
    attention = (
        replace(notice, name=names[notice.person_id]) for notice in view.attention if notice.person_id in names
    )
    return replace(
        view,
        sightings={key: replace(seen, name=names[key]) for key, seen in view.sightings.items() if key in names},
        in_view=tuple(replace(face, name=names.get(face.person_id or "")) for face in view.in_view if names),
        # in the order of the hidden names it would tell the alphabet
        attention=tuple(sorted(attention, key=lambda notice: (-notice.for_s, notice.name))),
        valence={key: line for key, line in view.valence.items() if key in names},
    )
