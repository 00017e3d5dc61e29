package org.gems.typer.residue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.gems.typer.calls.CalledGene;
import org.gems.typer.calls.LocusCall;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** What one sample's pairs say beyond its called alleles, all its genes looked at at once. */
public final class SampleDoubts {
  private final Ruleset ruleset;
  private final Map<String, List<Flag>> flags = new TreeMap<>();
  private final Map<String, List<ThirdAllele>> thirds = new TreeMap<>();
  private final ForeignReads foreign;

  /**
   * Looks at what a sample's calls leave.
   *
   * @param sample its name
   * @param panel what a panel tells beyond the called genes, where there is one
   * @param genes what its calls rest on, by gene
   */
  public SampleDoubts(
      Ruleset ruleset, String sample, Optional<PanelContext> panel, Map<String, CalledGene> genes) {
    this.ruleset = ruleset;
    SampleResidue residue = new SampleResidue(ruleset, panel, genes);
    GeneDoubts.Rules rules = new GeneDoubts.Rules(ruleset, panel);
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

  /**
   * The flag of a sample that holds reads of more than one person: third alleles at several genes,
   * with more of the pairs than cross-talk between samples brings.
   */
  public Optional<Flag> severalPeople() {
    List<String> genes = new ArrayList<>();
    double shares = 0;
    double least = ruleset.get(Threshold.SEVERAL_PEOPLE_SHARE);
    for (Map.Entry<String, List<ThirdAllele>> gene : thirds.entrySet()) {
      double share = gene.getValue().stream().mapToDouble(ThirdAllele::share).sum();
      if (share >= least) {
        genes.add(gene.getKey());
        shares += share;
      }
    }
    if (genes.size() < Math.min(thirds.size(), leastGenes())) {
      return Optional.empty();
    }
    return genes.isEmpty()
        ? Optional.empty()
        : Optional.of(flag(genes, shares / genes.size(), least));
  }

  private int leastGenes() {
    return ruleset.count(Threshold.CONTAMINATION_MINIMUM_GENES);
  }

  private Flag flag(List<String> genes, double share, double least) {
    String names = String.join(", ", genes);
    return Flag.of(
        FlagCode.SEVERAL_PEOPLE_SUSPECTED,
        "The sample seems to hold reads of more than one person: %.0f%% of the pairs of %s are of other alleles than the called ones"
            .formatted(100 * share, names),
        "loci",
        names,
        "loci_called",
        thirds.size(),
        "share",
        share,
        "threshold",
        least);
  }

  /** What is to be compared with the other samples of the run. */
  public ForeignReads foreign() {
    return foreign;
  }
}
