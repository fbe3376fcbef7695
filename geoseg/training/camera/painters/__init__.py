"""How things look from above."""
