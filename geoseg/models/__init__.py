"""The models behind the seam."""
