package org.gems.typer.calls;

import java.util.List;
import java.util.Map;

/**
 * The calls of one sample.
 *
 * @param loci one call a locus, in the order asked for
 * @param genes what they rest on, by gene
 * @param variants sequences seen again and again that no allele explains
 */
public record SampleCalls(
    List<LocusCall> loci, Map<String, CalledGene> genes, List<Variant> variants) {}
