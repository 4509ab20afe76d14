"""Street blocks of 300 m: streets cut by length and crossing, with the ground on both sides."""

from gridmap.blocks.blocks import street_blocks, street_faces, street_sides

__all__ = ["street_blocks", "street_faces", "street_sides"]
