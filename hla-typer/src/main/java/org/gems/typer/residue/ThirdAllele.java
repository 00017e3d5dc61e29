package org.gems.typer.residue;

/**
 * An allele that explains pairs which neither called allele nor a chimera of them does.
 *
 * @param pairs foreign pairs that it explains
 * @param amplicons in how many amplicons or exons
 * @param visible how many of them could show it, for its sequence there is none of the called
 * @param share of the pairs there
 * @param gain how much likelier the foreign pairs are with it than from anywhere, natural logarithm
 */
record ThirdAllele(
    CalledAllele allele, int pairs, int amplicons, int visible, double share, double gain) {}
