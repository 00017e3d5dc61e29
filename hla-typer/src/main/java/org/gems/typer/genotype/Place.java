package org.gems.typer.genotype;

/**
 * Where a base of an allele stands.
 *
 * @param feature index into the gene's features
 * @param column of the feature's alignment, 0-based
 * @param position 1-based in the allele's own feature
 * @param symbol what the release states: a base or {@code *}
 */
public record Place(int feature, int column, int position, char symbol) {}
