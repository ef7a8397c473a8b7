"""The web app on one port: ``streamlit run streamlit_app.py``.

This file is read twice. The server imports it once and finds ``app``, Streamlit's own server with the live websocket
beside the pages. Then Streamlit runs it, as a script, whenever a page is shown.
"""

from __future__ import annotations

import streamlit as st

from app import navigation
from app.socket import server

if __name__ == "__main__":
    navigation.show()
else:
    app = st.App(__file__, routes=server.routes(), lifespan=server.run_beside)
