"""What must hold for the tree itself."""
