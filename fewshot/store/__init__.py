"""What is kept on disk of students, lessons and choices: the one door to SQLAlchemy."""
