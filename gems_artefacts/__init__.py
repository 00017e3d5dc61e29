"""What workers fetch, and what a run is made with: worker bundle, typer's jar, reference library and panel, given or found."""
