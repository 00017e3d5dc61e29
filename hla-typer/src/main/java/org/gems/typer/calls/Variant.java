package org.gems.typer.calls;

import java.util.List;

/**
 * A sequence that no allele explains, seen again and again.
 *
 * @param locus gene of the sequence most like it
 * @param amplicon the amplicon whose primers it carries
 * @param nearest the allele most like it, or empty where none is near
 * @param changes against that allele; none where nothing is near
 * @param pairs pairs that show it
 * @param share of the amplicon's pairs
 * @param sequence bases between the primers
 */
public record Variant(
    String locus,
    String amplicon,
    String nearest,
    List<Change> changes,
    int pairs,
    double share,
    String sequence) {}
