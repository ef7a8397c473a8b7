"""The tables that READMEs quote, from the files that the measuring commands wrote."""
