"""From a file, or an image in memory, to pixels and where they lie; no scikit-learn in here."""
