"""Frame results -> what a teacher reads: the mood of the class, and who may need a look."""
