"""Pixels -> aligned crops: find faces, know them, judge photos, follow them from frame to frame."""

import cv2

from fewshot.cores import usable_cores

if usable_cores() < cv2.getNumThreads():
    cv2.setNumThreads(usable_cores())  # OpenCV sees a quota of the container itself, none around it
