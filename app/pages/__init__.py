"""The pages, one script each: Streamlit runs it anew whenever something on it changes."""
