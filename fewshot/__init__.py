"""Few-shot facial emotion: prototypes of a class, refined for each student, read live."""
