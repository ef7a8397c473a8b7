"""The web app: one page a file; widgets in, dataclasses out, no logic of its own."""
