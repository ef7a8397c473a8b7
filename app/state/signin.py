"""Who looks at a page: anybody on a teacher's own computer, or the teacher who has signed in with her school's account.

Streamlit does the signing in (OpenID Connect) where its secrets have a section ``[auth]``; deploy/README.md says how.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import config
from streamlit.navigation.page import StreamlitPage

from app.markdown import plain
from app.state.choices import app_config
from fewshot.errors import ConfigError, NotSignedIn
from fewshot.messages import Messages, messages
from fewshot.sentence import Sentence

ANYBODY = ""
"""Stands for a teacher's key where nobody signs in."""

NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")

GUARDED_VARIABLE = "FEWSHOT_GUARDED"
"""Set where something before the app asks who comes, such as a proxy with a login."""

EVERYWHERE = "0.0.0.0"  # noqa: S104
"""Where a server listens that was told no address."""


def is_configured() -> bool:
    """Whether teachers sign in here.

    Raises:
        ConfigError: there are secrets that cannot be read, or those that the server was told of are not there; then nobody
            can know, and nobody may be let in.
    """
    files = st.get_option("secrets.files")
    try:
        if st.secrets.load_if_toml_exists():
            return "auth" in st.secrets
        exist = any(Path(file).exists() for file in files)
        found = "cannot be read as TOML" if exist else "is not there"
    except OSError as error:
        exist, found = True, f"cannot be read: {error}"
    if exist or config.is_manually_set("secrets.files"):
        raise ConfigError(
            f"Streamlit's secrets, which say how to sign in, must be a TOML file, and {' or '.join(files)} {found}. Correct "
            "that and start the app again; until then nobody is let in."
        )
    return False


def check() -> None:
    """Raise ConfigError unless a sign-in that is configured can work."""
    auth: Mapping[str, Any] = st.secrets["auth"]
    missing = [name for name in NEEDED if not auth.get(name)]
    if missing:
        raise ConfigError(
            f"The section [auth] of Streamlit's secrets must name {', '.join(NEEDED)}, and it lacks {', '.join(missing)}. "
            "Add what is missing and start the app again."
        )
    if find_spec("authlib") is None:
        raise ConfigError("A sign-in needs the package Authlib, which is not here. Run: pip install '.[signin]'")


def teacher() -> str:
    """Return the key of the teacher who looks at the page that asks; :data:`ANYBODY` where nobody signs in.

    Raises:
        NotSignedIn: she has not signed in, or not any more.
        ConfigError: the secrets cannot be read, or her account has no issuer or subject.
    """
    if not is_configured():
        return ANYBODY
    if not st.user.get("is_logged_in"):
        raise NotSignedIn(Sentence("This page needs a sign-in. Reload it.", "not_signed_in"))
    return teacher_key(st.user.get("iss"), st.user.get("sub"))


def teacher_key(issuer: object, subject: object) -> str:
    """Return what one account's data are kept under, 32 hexadecimal digits.

    Made of issuer and subject, which OpenID Connect Core 1.0 (section 2) promises to be unique and never given to
    somebody else. An e-mail address is neither: it passes on to a successor, and some providers let users claim any.

    Raises:
        ConfigError: one of the two is missing.
    """
    if not (issuer and subject and isinstance(issuer, str) and isinstance(subject, str)):
        raise ConfigError(
            f"An account must have an issuer and a subject (iss and sub), got {issuer!r} and {subject!r}. Check that "
            "server_metadata_url in Streamlit's secrets is that of an OpenID Connect provider."
        )
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:32]


def let_in() -> bool:
    """Return whether whoever looks may see the pages; show how to sign in where not.

    Raises:
        ConfigError: a sign-in is configured that cannot work.
    """
    if not is_configured() or st.user.get("is_logged_in"):
        return True
    check()
    _show_sign_in(messages(app_config().display.language))
    return False


def _show_sign_in(say: Messages) -> None:
    st.space("large")
    with st.container(horizontal_alignment="center"), st.container(border=True, width=560):
        st.title("Fewshot", anchor=False)
        st.markdown(say("signin.what"))
        if st.button(say("signin.sign_in"), type="primary", icon=":material/login:", key="sign_in"):
            st.login()
        st.caption(say("signin.own"))


def menu(say: Messages) -> list[StreamlitPage]:
    """Return what the menu has beside the pages: the way out, where somebody is signed in."""
    if not is_configured():
        return []
    name = st.user.get("name") or st.user.get("email")
    title = f"{say('signin.sign_out')} ({plain(str(name))})" if name else say("signin.sign_out")
    return [st.Page(st.logout, title=title, icon=":material/logout:", url_path="sign-out")]


def warn_if_open(say: Messages) -> None:
    """Say so where others than this computer's user can reach the pages and nobody is asked who they are."""
    address = st.get_option("server.address") or EVERYWHERE
    if not (is_configured() or os.environ.get(GUARDED_VARIABLE) or _is_this_computer(address)):
        st.warning(say("signin.open", address=address, where="deploy/README.md"), icon=":material/lock_open:")


def _is_this_computer(address: str) -> bool:
    try:
        return address == "localhost" or ip_address(address).is_loopback
    except ValueError:  # the name of a computer
        return False
