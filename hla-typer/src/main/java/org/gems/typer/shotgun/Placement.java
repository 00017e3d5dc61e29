package org.gems.typer.shotgun;

import java.util.List;

/**
 * A pair on one gene that may have made it.
 *
 * @param gene its number in the library
 * @param reads the pair's reads that lie on it, one or two
 * @param exon the exon in which most of its bases lie, or -1 where none does
 * @param cost of its mismatches against the gene's best rows, and of bases of which the gene states
 *     nothing, in thousandths of a natural logarithm
 * @param unstated these bases
 */
record Placement(int gene, List<Alignment> reads, int exon, int cost, int unstated) {}
