"""The browser's half of the pages with a video: it captures, sends one frame at a time, and draws over the local video."""
