"""Rasters to chips and back: reading, blending, tracing, writing."""
