"""What the service answers about patrols from the record: coverage of areas, alerts, rounds, and what a page shows.

`state` holds where patrols walked in a span of days, worked out once for each state of the record; all else is told of
it.
"""
