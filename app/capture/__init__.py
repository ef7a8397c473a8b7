"""The browser's half of the live page: it captures, sends one frame at a time, and draws over the local video."""
