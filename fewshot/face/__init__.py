"""Pixels -> aligned crops: find faces, know them, judge photos, follow them from frame to frame."""
