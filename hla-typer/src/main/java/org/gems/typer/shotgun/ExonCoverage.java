package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.gems.typer.calls.CalledGene;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** How a called gene's exons are covered by its reads. */
final class ExonCoverage {
  private final GeneExons exons;
  private final CalledGene called;
  private final Ruleset ruleset;
  private final double covered;

  ExonCoverage(GeneExons exons, CalledGene called, Ruleset ruleset) {
    this.exons = exons;
    this.called = called;
    this.ruleset = ruleset;
    this.covered = ruleset.get(Threshold.SHOTGUN_COVERED_DEPTH);
  }

  /** Whether any of the exons by which alleles are named has reads. */
  boolean isDefined() {
    return IntStream.of(exons.gene().exons())
        .anyMatch(exon -> exons.gene().isDefining(exon) && isCovered(exon));
  }

  /** The names of exons with reads. */
  String seen() {
    return names(true, List.of());
  }

  /**
   * Exons that the reads' kit did not copy. Those that define alleles are never among them: their
   * absence is told.
   */
  List<Integer> notCopied() {
    CopiedRange range = CopiedRange.of(exons, allele(), ruleset);
    return IntStream.of(exons.gene().exons())
        .filter(exon -> !range.has(exon) && !exons.gene().isDefining(exon))
        .boxed()
        .toList();
  }

  /** A flag of the exons without reads, but for some. */
  List<Flag> uncovered(List<Integer> leftOut) {
    String names = names(false, leftOut);
    return names.isEmpty()
        ? List.of()
        : List.of(
            Flag.of(
                FlagCode.UNCOVERED_EXON,
                "%s has almost no reads in %s".formatted(called.gene(), names),
                "gene",
                called.gene(),
                "exons",
                names));
  }

  private String names(boolean isSeen, List<Integer> leftOut) {
    return IntStream.of(exons.gene().exons())
        .filter(exon -> exons.gene().features().get(exon).columns() > 0)
        .filter(exon -> isCovered(exon) == isSeen && !leftOut.contains(exon))
        .mapToObj(exon -> exons.gene().features().get(exon).name())
        .collect(Collectors.joining(", "));
  }

  private int allele() {
    return called.result().called().one().representative();
  }

  /** The row of an exon that stands for the first called allele, open bases filled. */
  private byte[] row(int exon) {
    FeatureTable table = exons.gene().features().get(exon);
    return table.row(table.rowOf(allele()));
  }

  private boolean isCovered(int exon) {
    return exons.meanDepth(exon, row(exon)) >= covered;
  }

  /** A flag for each exon that defines alleles and is covered thinly. */
  List<Flag> lowDepth() {
    int least = ruleset.count(Threshold.SHOTGUN_LOW_DEPTH);
    int leastBase = ruleset.count(Threshold.SHOTGUN_LOW_BASE_DEPTH);
    List<Flag> flags = new ArrayList<>();
    for (int exon : exons.gene().exons()) {
      double mean = exons.meanDepth(exon, row(exon));
      double lowest = exons.leastDepth(exon, row(exon));
      if (exons.gene().isDefining(exon) && (mean < least || lowest < leastBase)) {
        String name = exons.gene().features().get(exon).name();
        flags.add(
            Flag.of(
                FlagCode.LOW_DEPTH,
                "%s of %s has a mean depth of %.1f and at its lowest %.0f; %d and %d are needed"
                    .formatted(name, called.gene(), mean, lowest, least, leastBase),
                "amplicon",
                name,
                "depth",
                mean,
                "threshold",
                least,
                "lowest_depth",
                lowest,
                "lowest_threshold",
                leastBase));
      }
    }
    return flags;
  }
}
