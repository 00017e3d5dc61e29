"""The compiled reference library: built from a release of IPD-IMGT/HLA, read by the typer and the read builder.

``alignment`` reads the release's alignment files, ``assemble`` joins coding and genomic rows into loci, ``release``,
``hlann`` and ``ipd`` are the places a release comes from, ``build`` writes the library, ``library`` reads it,
``panel`` knows the amplicons. The format is in docs/contracts.md, sections 1 and 2.
"""
