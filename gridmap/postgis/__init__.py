"""A PostGIS server of gridmap's own: its programs found or fetched, its process started, watched and stopped.

Standard library only. The set-up of a fresh machine calls it before anything is installed, and the watching process,
which lives as long as the server, stays small.
"""
