"""What stands inside a block, by family."""
