"""What the whole process shares, for every page and every live socket: the models, and who has which resources."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, closing

from app.state import signin
from app.state.capturing import Capture
from app.state.choices import app_config, usable, words_of_everybody
from app.state.lesson import utc_now
from app.state.models import SharedModels, load_shared_models
from app.state.resources import Analyze, Resources
from app.state.tokens import Ticket, TokenSigner, secret_of_process
from enroll.preview import Preview
from fewshot.config import LiveConfig
from fewshot.errors import FewshotError, NotSignedIn, StillInLog
from fewshot.messages import Messages
from fewshot.sentence import Sentence
from fewshot.store.lessons import LessonStore
from fewshot.store.preferences import Preferences
from fewshot.store.students import Store
from fewshot.store.url import check_folder, default_url, teacher_files, teacher_url
from fewshot.types import UInt8

log = logging.getLogger(__name__)


class SharedResources:
    """Makes the models and each teacher's resources on first use and keeps them; a failure is not kept, so that a
    repaired file is found.

    Threads may share it: whoever comes second for the same thing waits for the first. ``signer`` signs the tokens of this process's
    live pages, ``preview_signer`` those of its guided cameras.
    """

    def __init__(self) -> None:
        secret = secret_of_process()
        self.signer = TokenSigner(secret)
        self.preview_signer = TokenSigner(secret, "preview")
        self._loading = threading.Lock()
        self._opening: dict[str, threading.Lock] = {}
        self._models: SharedModels | None = None
        self._resources: dict[str, Resources] = {}
        self._captures: dict[str, Capture] = {}

    def get(self) -> Resources:
        """Return the resources of the teacher who looks at the page that asks; raises as :meth:`of`."""
        return self.of(signin.teacher())

    def of(self, teacher: str) -> Resources:
        """Return the resources of one teacher, by her key; :data:`signin.ANYBODY` where nobody signs in.

        Raises:
            NotSignedIn: the key is of the other kind, as in a page from before a sign-in was set up.
            FewshotError: a setting, weight, pack or store problem, in a sentence for the page.
        """
        if (teacher != signin.ANYBODY) is not signin.is_configured():
            raise NotSignedIn(
                Sentence("This page is from before the sign-in of this app was changed. Reload it.", "sign_in_changed")
            )
        # one lock each, for whoever is there already must not wait for another's store that is locked or far away
        with self._opening.setdefault(teacher, threading.Lock()):
            if teacher not in self._resources:
                self._resources[teacher] = self._open(teacher)
            return self._resources[teacher]

    def check(self) -> None:
        """Load what can be loaded before anybody comes, and see that the one store still answers; where each teacher has her
        own, that files can be made there, for a database server has none to ask before she comes. Raises as :meth:`of`.
        """
        if not signin.is_configured():
            self.of(signin.ANYBODY).preferences.read()
            return
        signin.check()
        check_folder(_place_of("nobody"))
        self._load_models()

    def delete_old_lessons(self) -> None:
        """Delete what was kept long enough, also of teachers who come no more; theirs must be files to be found."""
        url = default_url(app_config().store)
        for place in teacher_files(url) if signin.is_configured() else (url,):
            _delete_old_lessons_in(place)

    def forget_choices(self) -> None:
        """Go back to the defaults where the resources cannot be made with what was chosen. Raises StoreError."""
        with closing(Store(_place_of(signin.teacher()))) as store:
            Preferences(store.database).clear()

    def words(self) -> Messages:
        """Return the messages of the language that was chosen; that of everybody while the resources are being made or cannot be."""
        try:
            resources = self._resources.get(signin.teacher())
        except FewshotError:  # of a sign-in that is set up wrongly, which is told in these very words
            resources = None
        return words_of_everybody() if resources is None else resources.words

    def save_lessons(self) -> None:
        """Save what is new in every lesson of every teacher."""
        for resources in list(self._resources.values()):
            resources.lessons.save()

    def close(self) -> None:
        """Save every lesson and close every store, so that a store's file alone holds everything: for a server that ends."""
        self.save_lessons()
        for loaded in list(self._resources.values()):
            _close(loaded.store)

    def live_token(self, lesson_id: str) -> str:
        """Return what opens the live socket for a lesson of the teacher who looks at the page that asks."""
        return self.signer.issue(Ticket(signin.teacher(), lesson_id))

    def preview_token(self, session_id: str) -> str:
        """Return what opens the guided camera's socket, likewise."""
        return self.preview_signer.issue(Ticket(signin.teacher(), session_id))

    def open_lesson(self, ticket: Ticket) -> Analyze:
        """As :meth:`Resources.open_lesson`, of the teacher whose ticket it is: another's lesson is none of hers."""
        return self.of(ticket.teacher).open_lesson(ticket.session_id)

    def watch_capture(self, ticket: Ticket) -> AbstractContextManager[Callable[[bool], None]]:
        """As :meth:`Capture.watch`, of the teacher whose ticket it is."""
        return self._capture_of(ticket.teacher).watch()

    def capture(self) -> Capture:
        """Return the capture of the teacher who looks at the page that asks; loads nothing."""
        return self._capture_of(signin.teacher())

    def _capture_of(self, teacher: str) -> Capture:
        return self._captures.setdefault(teacher, Capture())  # atomic, for it must not wait while models are loaded

    def open_preview(self, ticket: Ticket) -> Callable[[UInt8, float], Preview]:
        """Begin to judge what one page's camera shows, as :meth:`Resources.preview_photo`; pages share nothing."""
        return self.of(ticket.teacher).preview_photo

    def _open(self, teacher: str) -> Resources:
        """Open one teacher's store."""
        store = Store(_place_of(teacher))
        try:
            return Resources(_without_old_lessons(store), self._load_models(), store)
        except FewshotError:
            store.close()
            raise

    def _load_models(self) -> SharedModels:
        """Return the models, loaded the first time, which takes seconds."""
        with self._loading:
            self._models = self._models or load_shared_models(app_config().personal)
            return self._models


def _place_of(teacher: str) -> str:
    url = default_url(app_config().store)
    return url if teacher == signin.ANYBODY else teacher_url(url, teacher)


def _close(store: Store) -> None:
    """Close a store, its log emptied first: SQLite leaves that to the last connection, and another program may have one."""
    if not store.database.erase_remains():
        log.warning(
            "%s is read or cannot be written: what was written last is in the file -wal beside it", store.location
        )
    store.close()


def _delete_old_lessons_in(place: str) -> None:
    try:
        with closing(Store(place)) as store:
            _without_old_lessons(store)
    except FewshotError as error:  # of one teacher, who is told when she comes
        log.warning("old lessons could not be deleted: %s", error)


def _without_old_lessons(store: Store) -> LiveConfig:
    """Delete the lessons that were kept long enough; return the config with what the teacher of this store chose."""
    config = app_config(usable(Preferences(store.database).read()))
    try:
        LessonStore(store.database).delete_older(config.classroom.retention_days, utc_now())
    except StillInLog as error:  # the next opening tries again
        log.warning("%s", error)
    return config


shared = SharedResources()
"""The one of this process."""
