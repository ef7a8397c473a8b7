"""The browser's half of who may need a look: one row, and a list that opens over the cards."""
