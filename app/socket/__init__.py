"""What the server answers beside the pages: the websockets of frames, and whether it is well."""
