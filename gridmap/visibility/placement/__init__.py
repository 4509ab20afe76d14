"""Where to put the next camera: candidates, what they would add, the choice, and how good it is at least."""
