"""cross_match on what the typer could not explain: which exons come nearest to it, and where it differs."""
