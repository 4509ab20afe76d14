"""What keeps areas from being a partition that a grid administrator could publish: one rule, one function."""
