package org.gems.typer.residue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.gems.typer.calls.CalledGene;
import org.gems.typer.calls.Flag;
import org.gems.typer.calls.LocusCall;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.evidence.SampleEvidence;
import org.gems.typer.ruleset.Ruleset;

/** What one sample's pairs say beyond its called alleles, all its genes looked at at once. */
public final class SampleDoubts {
  private final Map<String, List<Flag>> flags = new TreeMap<>();
  private final ForeignReads foreign;

  /**
   * Looks at what a sample's calls leave.
   *
   * @param sample its name
   * @param genes what its calls rest on, by gene
   */
  public SampleDoubts(
      Catalog catalog,
      Ruleset ruleset,
      String sample,
      SampleEvidence evidence,
      Map<String, CalledGene> genes) {
    SampleResidue residue = new SampleResidue(catalog, ruleset, evidence, genes);
    GeneDoubts.Rules rules = new GeneDoubts.Rules(catalog, ruleset, evidence);
    Map<String, List<ThirdAllele>> thirds = new TreeMap<>();
    genes.values().parallelStream()
        .map(gene -> GeneDoubts.of(gene, residue, rules))
        .toList()
        .forEach(
            doubts -> {
              String locus = ThirdAlleleFlags.locus(doubts.gene());
              flags.computeIfAbsent(locus, k -> new ArrayList<>()).addAll(doubts.flags());
              thirds.put(doubts.gene(), doubts.thirds());
            });
    foreign = ForeignReads.of(sample, residue, genes, thirds);
  }

  /** The calls with these doubts. */
  public List<LocusCall> flagged(List<LocusCall> calls) {
    return calls.stream()
        .map(call -> call.with(flags.getOrDefault(call.locus(), List.of())))
        .toList();
  }

  /** What is to be compared with the other samples of the run. */
  public ForeignReads foreign() {
    return foreign;
  }
}
