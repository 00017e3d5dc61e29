"""Reads of known genotypes: what a MiSeq would make of a panel's amplicons, from a seed.

``genotypes`` draws alleles, ``molecules`` makes PCR products of them, ``errors`` reads them with a sequencer's faults,
``artefacts`` and ``novelty`` add what a sweep asks for,
``run`` writes a run's files and its truth, ``example`` is the bundled example.
"""
