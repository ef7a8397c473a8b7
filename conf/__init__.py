"""Values of every setting; their types and bounds are in fewshot/config.py."""
