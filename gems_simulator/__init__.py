"""Reads of known genotypes: what a MiSeq would make of a panel's amplicons, from a seed.

``genotypes`` draws alleles, ``molecules`` makes PCR products of them, ``errors`` reads them with a sequencer's faults,
``artefacts``, ``byproducts`` and ``novelty`` add what a sweep asks for,
``run`` writes a run's files and its truth, ``example`` is the bundled example.

Without a panel ``fragments`` breaks whole genes, and ``transcripts`` splices them first. ``mixtures`` puts several people into one
sample. ``releases`` is about what a release lacks.
"""
