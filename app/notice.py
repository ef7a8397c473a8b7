"""What the law says, shown before the live page is used for the first time in a browser tab."""

from __future__ import annotations

import streamlit as st

NOTICE = """
**In the European Union this must not be used on pupils, students or employees.** Inferring emotions from faces in
education and at work is prohibited since 2 February 2025 (AI Act, Article 5(1)(f)); only medical and safety reasons are
excepted. Nobody's consent lifts the prohibition, nor do averages over a class.

**Elsewhere**, faces are sensitive data. Ask your school's data protection officer first, get written consent before you
enroll anybody (for minors from their parents), and forget people when they leave or change their mind.

**What you will see is a guess.** The app names what a face *looks like* to a model, and it is often wrong. Never grade,
judge or discipline anybody by it. No picture is stored, and nothing leaves this server.
"""


def show_notice() -> bool:
    """Show the notice until it is acknowledged; returns whether it was.

    The answer is kept in the address, so that a reload or a restart of the server does not ask again.
    """
    if st.session_state.get("notice_read") or st.query_params.get("notice") == "read":
        st.session_state.notice_read = True
        st.query_params["notice"] = "read"
        return True
    with st.container(border=True, width=760):
        st.subheader("Before you start", icon=":material/gavel:")
        st.markdown(NOTICE)
        if st.button("I have read this and may use it here", type="primary", key="notice_button"):
            st.session_state.notice_read = True
            st.rerun()
    return False
