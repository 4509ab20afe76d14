"""Grids drawn over a territory: balanced, contiguous, compact, and stopping at rivers, railways and main roads."""
