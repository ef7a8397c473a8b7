"""Journey 2: photos of a student become a person in the gallery."""
