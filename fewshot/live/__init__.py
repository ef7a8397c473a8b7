"""JOURNEY 3, frame -> FrameResult: sources, pipeline, session, overlay and the command line."""
