package org.gems.typer.residue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.gems.typer.calls.Flag;
import org.gems.typer.calls.LocusCall;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.evidence.SampleEvidence;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.ruleset.Ruleset;

/** What one sample's pairs say beyond its called alleles. */
public final class SampleDoubts {
  private final Map<String, List<Flag>> flags = new TreeMap<>();
  private final ForeignReads foreign;

  /**
   * Looks at what a sample's calls leave.
   *
   * @param sample its name
   * @param results of all its called genes
   */
  public SampleDoubts(
      Catalog catalog,
      Ruleset ruleset,
      String sample,
      SampleEvidence evidence,
      Map<String, LocusResult> results) {
    SampleResidue residue = new SampleResidue(catalog, ruleset, evidence, results);
    foreign = ForeignReads.of(sample, residue, results, new ThirdAlleleFinder(ruleset));
    ChimeraRules chimeras = new ChimeraRules(ruleset);
    PseudogeneRules pseudogenes = new PseudogeneRules(catalog, ruleset, evidence);
    ThirdAlleleFlags thirds = new ThirdAlleleFlags(catalog);
    for (String gene : results.keySet()) {
      List<Flag> own = flags.computeIfAbsent(ThirdAlleleFlags.locus(gene), k -> new ArrayList<>());
      own.addAll(chimeras.flags(residue, gene));
      own.addAll(pseudogenes.flags(gene));
      List<ThirdAllele> found = foreign.thirds().get(gene);
      if (!found.isEmpty()) {
        own.add(thirds.alone(gene, found));
      }
    }
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
