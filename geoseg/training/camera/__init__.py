"""How it is seen: painting, shadows, lean, air and sensor."""
