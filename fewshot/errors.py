"""Everything that can go wrong, as one small tree.

::

    FewshotError                  the base: catch it to show one sentence to a user
    ├── ConfigError               a value in conf/ or on the command line cannot be used
    ├── DatasetError              a data set on disk is missing, damaged or not what it says
    ├── SupportError              a class has too few images to form prototypes or an episode
    ├── DivergenceError           training has left the finite numbers
    ├── PrototypeError            prototypes and embeddings do not fit together
    ├── WeightsError              a model file is missing, damaged or of another version
    │   └── PackMissing           InsightFace's pack is not there and was not asked for
    ├── ImageError                a file or buffer is no image that can be read
    ├── SourceError               a live source cannot be opened or has died
    ├── OutputError               results cannot be written where they should, or would replace others
    ├── Rejected                  a reference photo cannot be used
    │   └── Doubtful              it can, if the teacher confirms that it is what it is said to be
    ├── EnrollmentError           an enrollment as a whole cannot be completed
    │   ├── AlreadyEnrolled       the face or the name belongs to somebody already
    │   │   └── SeemsEnrolled     the face resembles somebody's; the teacher may say that they are two people
    │   ├── UnknownPerson         nobody of that name is enrolled
    │   └── UnknownCourse         nobody enrolled is taught in a class of that name
    ├── ConsentError              consent is missing, so nothing may be stored
    ├── StoreError                the store of enrolled students cannot be opened, read or written
    │   └── StillInLog            what was to go is deleted, and a copy stays in the database's log
    ├── LessonOver                frames come for a lesson to which nothing more belongs
    ├── NotSignedIn               a page or socket asks for a teacher's classes, and nobody has signed in for it
    └── GalleryMismatch           the gallery was made by another encoder or identity model

Messages say what must hold, what was found and what to do: in English, and where a teacher can meet them on a page with what it
takes to say it in her language, see :class:`~fewshot.sentence.Sentence`. Of a photo only that is raised, the key of a message
and the values that it is filled with, for verdicts are kept.
"""

import gzip
import lzma
import zipfile
import zlib

from fewshot.sentence import Sentence

UNPACKING_FAILS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
    EOFError,
)
"""What unpacking a damaged or locked .zip or .gz may raise, beside an OSError of the disk."""


class FewshotError(Exception):
    """Base of every error this project raises on purpose.

    Attributes:
        sentence: What ``str`` tells in English; a plain text where only whoever runs the program can do something about it.
    """

    def __init__(self, sentence: Sentence | str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class ConfigError(FewshotError):
    """A value in conf/ or on the command line cannot be used."""


CORRECT_CONFIG = Sentence("Correct it in conf/ or on the command line.", "correct_config")
"""What to do about a ConfigError; the app adds where else it takes values from."""


class DatasetError(FewshotError):
    """A data set on disk is missing, damaged or not what it says."""


class SupportError(FewshotError):
    """A class has too few images to form prototypes or an episode."""


class DivergenceError(FewshotError):
    """Training has left the finite numbers."""


class PrototypeError(FewshotError):
    """Prototypes and embeddings do not fit together."""


class WeightsError(FewshotError):
    """A model file is missing, damaged or of another version."""


class PackMissing(WeightsError):
    """InsightFace's pack is not in its folder, and a download was not asked for."""


class ImageError(FewshotError):
    """A file or buffer is no image that can be read.

    Attributes:
        reason: Why, by a key of the messages as that of :class:`Rejected`: the file may be a reference photo.
        values: Likewise.
    """

    def __init__(self, sentence: str, reason: str, **values: float | str) -> None:
        super().__init__(sentence)
        self.reason, self.values = reason, values


class SourceError(FewshotError):
    """A live source cannot be opened or has died."""


class OutputError(FewshotError):
    """Results cannot be written where they should, or would replace others."""


class Rejected(FewshotError):
    """A reference photo cannot be used.

    Attributes:
        reason: Why, by its key in the section ``photo`` of the messages.
        values: What the sentence of that key is filled with.
    """

    def __init__(self, reason: str, **values: float | str) -> None:
        super().__init__(f"{reason} {values}")
        self.reason, self.values = reason, values


class Doubtful(Rejected):
    """A reference photo contradicts its label or the photos before, or hides the eyes; the teacher must confirm it."""


class EnrollmentError(FewshotError):
    """An enrollment as a whole cannot be completed."""


class AlreadyEnrolled(EnrollmentError):
    """The face or the name belongs to somebody already."""


class SeemsEnrolled(AlreadyEnrolled):
    """The face resembles somebody's; it can be enrolled if the teacher says that they are two people."""


class UnknownPerson(EnrollmentError):
    """Nobody of that name is enrolled."""


class UnknownCourse(EnrollmentError):
    """Nobody enrolled is taught in a class of that name."""


class ConsentError(FewshotError):
    """Consent is missing, so nothing may be stored."""


class StoreError(FewshotError):
    """The store of enrolled students cannot be opened, read or written."""


class StillInLog(StoreError):
    """A student is forgotten or a lesson deleted, but the database's log could not be emptied of them yet."""


class LessonOver(FewshotError):
    """Frames come for a lesson to which nothing more belongs."""


class NotSignedIn(FewshotError):
    """A page or socket asks for a teacher's classes, and nobody has signed in for it."""


class GalleryMismatch(FewshotError):
    """The gallery was made by another encoder or identity model."""
