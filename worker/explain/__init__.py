"""What an unexplained sequence is: a new allele, a chimera, a paralogue, another sample's, an artefact, or unknown.

Pure functions over data, but for ``library`` (reads a library's tables) and ``documents`` (reads and writes a sample's
folder). A verdict is evidence beside the typer's calls and never changes them.
"""
