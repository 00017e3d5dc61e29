"""Pictures of results as SVG: they need no script, and print. Colours come from the classes of whatever page they stand in."""
