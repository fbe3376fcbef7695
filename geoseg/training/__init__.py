"""How geoseg-tiny is made: rendered scenes with exact truth, phrases about them, and the recipe."""
