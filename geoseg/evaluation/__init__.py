"""How good a segmenter is on data with truth, and where its thresholds belong."""
