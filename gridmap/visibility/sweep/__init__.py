"""The ground between a camera and the walls around it: scenes, sweeps, shadows of low roofs, cuts, outlines."""
