"""The browser's half of the choice between light and dark."""
