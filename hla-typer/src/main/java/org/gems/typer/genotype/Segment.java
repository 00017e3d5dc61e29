package org.gems.typer.genotype;

import java.util.BitSet;

/**
 * A stretch of a gene, introns and untranslated ends too, with pairs by which alleles that look
 * alike in exons are told apart.
 *
 * @param whole the pairs against the ways in which some alleles look in the stretch
 * @param exons the same pairs against what of these ways is exons
 * @param exonsOf for each weighed way of the stretch the one of its exons
 * @param open looks of alleles that the release leaves open where pairs lie
 */
public record Segment(Target whole, WeighedPairs exons, int[] exonsOf, BitSet open) {}
