"""What a release lacks, or states in part.

``unknown`` draws alleles for ``reduced`` to leave out of a library, ``completed`` fills up those that a release states in part,
and ``empty_products`` finds people beside whom a by-product looks like an allele.
"""
