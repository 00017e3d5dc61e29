"""Pairwise alignment with affine gaps: best scores and their ends by Opal's SIMD code, paths by our own."""
