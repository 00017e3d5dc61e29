package org.gems.typer.residue;

/**
 * An allele that explains pairs which neither called allele nor a chimera of them does.
 *
 * @param allele its index in the gene's table
 * @param pairs foreign pairs that it explains
 * @param amplicons in how many amplicons
 * @param visible how many amplicons could show it, for its sequence there is none of the called
 * @param share of those amplicons' pairs
 * @param gain how much likelier the foreign pairs are with it than from anywhere, natural logarithm
 */
public record ThirdAllele(
    int allele, int pairs, int amplicons, int visible, double share, double gain) {}
