"""The pages, one script each: Streamlit runs it anew whenever something on it changes."""

PAGES = {
    "live": ":material/videocam:",
    "enroll": ":material/person_add:",
    "students": ":material/groups:",
    "report": ":material/insights:",
    "settings": ":material/settings:",
}
"""The names of the pages and their icons, as the menu has them; the first is the one of the app's own address."""
