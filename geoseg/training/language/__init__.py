"""What people say about a chip, and exactly which pixels they mean."""
