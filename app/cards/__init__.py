"""The browser's half of the class beside the video: one card a student."""
