package org.gems.typer.check;

import java.util.List;

/**
 * What the check found of one gene.
 *
 * @param gene its name
 * @param alleles of the release
 * @param unstated alleles of which the release states nothing between the panel's primers
 * @param checked alleles whose reads were made
 * @param groups of them that differ between the primers, each typed once
 * @param findings what is wrong
 * @param seconds that it took
 */
public record LocusProof(
    String gene,
    int alleles,
    int unstated,
    int checked,
    int groups,
    List<Finding> findings,
    double seconds) {}
