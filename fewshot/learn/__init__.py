"""Journey 1: images -> encoder. The only part of the project that needs torch (the extra ``train``)."""
