"""JOURNEY 3, frame -> FrameResult: sources, locate, session, overlay and the command line."""
