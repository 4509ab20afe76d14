"""Cameras as lists have them: national codes and catalogues, tags of OpenStreetMap, directions in words."""
