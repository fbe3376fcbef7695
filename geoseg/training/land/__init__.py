"""What is there: a world without end, cut into blocks, every thing in it an exact outline."""
