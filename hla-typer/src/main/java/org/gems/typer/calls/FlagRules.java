package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.gems.typer.calls.LocusCall.AlleleCall;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.library.AlleleName;
import org.gems.typer.library.LocusTable;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** What about a call is worth a person's attention, each with its numbers. */
final class FlagRules {
  /** These tell already that pairs do not fit the call. */
  private static final Set<FlagCode> TELL_OF_PAIRS =
      EnumSet.of(FlagCode.POSSIBLE_NEW_ALLELE, FlagCode.STRAY_PAIRS);

  private final Ruleset ruleset;
  private final DoubtRules doubts;
  private final DropoutRules dropouts;
  private final SpliceRules splices;
  private final StrayBases strayBases;

  /** Rules with a ruleset's thresholds. */
  FlagRules(Ruleset ruleset) {
    this.ruleset = ruleset;
    this.doubts = new DoubtRules(ruleset);
    this.dropouts = new DropoutRules(ruleset);
    this.splices = new SpliceRules(ruleset);
    this.strayBases = new StrayBases(ruleset);
  }

  /** The flags of one gene's call. */
  List<Flag> flags(
      SampleReads reads, CalledGene gene, List<AlleleCall> alleles, PossibleGenotypes possible) {
    List<Flag> flags = new ArrayList<>(reads.ofReads(gene));
    imbalance(alleles, flags);
    gene.targets().forEach(target -> imbalance(gene, target, flags));
    flags.addAll(dropouts.flags(gene));
    partlyUnknown(gene, flags);
    alleles.forEach(allele -> ambiguous(allele, flags));
    flags.addAll(NewAlleleFlags.of(gene.variants()));
    flags.addAll(splices.flags(gene, possible));
    flags.addAll(NullRules.flags(gene));
    gene.contradicted().ifPresent(flags::add);
    flags.addAll(doubts.flags(gene, possible));
    boolean isTold = flags.stream().anyMatch(flag -> TELL_OF_PAIRS.contains(flag.code()));
    if (!isTold) {
      strayBases.flag(gene).ifPresent(flags::add);
    }
    return flags;
  }

  private void imbalance(List<AlleleCall> alleles, List<Flag> flags) {
    double least = ruleset.get(Threshold.IMBALANCE_SHARE);
    double doubtful = ruleset.get(Threshold.HETEROZYGOUS_MINIMUM_SHARE);
    for (AlleleCall allele : alleles) {
      if (allele.share() < least) {
        flags.add(
            share(
                FlagCode.ALLELE_IMBALANCE,
                "%s has %.0f%% of the pairs that tell the alleles apart"
                    .formatted(allele.name(), 100 * allele.share()),
                allele,
                least));
      }
      if (allele.share() < doubtful) {
        flags.add(
            share(
                FlagCode.DOUBTFUL_SECOND_ALLELE,
                "%s may be another sample's: its share is below %.0f%%"
                    .formatted(allele.name(), 100 * doubtful),
                allele,
                doubtful));
      }
    }
  }

  /**
   * An allele that differs in one amplicon only, and is weak there, may be an error of the PCR's
   * first cycles that equals it; one that is weak in one amplicon and not in others may be so too.
   */
  private void imbalance(CalledGene gene, Attribution target, List<Flag> flags) {
    double least = ruleset.get(Threshold.AMPLICON_IMBALANCE_SHARE);
    double[] deciding = new double[2];
    target.addDeciding(deciding);
    double all = deciding[0] + deciding[1];
    for (int side = 0; side < target.sides() && all > 0; side++) {
      double share = deciding[side] / all;
      boolean isWeak = target.isDeciding() && share < least && !isWeakElsewhere(gene, target, side);
      if (isWeak && all >= ruleset.count(Threshold.LOW_DEPTH_PAIRS)) {
        flags.add(
            Flag.of(
                FlagCode.ALLELE_IMBALANCE,
                "%s has %.0f%% of the pairs of %s that tell the alleles apart"
                    .formatted(target.alleleName(side), 100 * share, target.name()),
                "allele",
                target.alleleName(side),
                "share",
                share,
                "threshold",
                least,
                "amplicon",
                target.name()));
      }
    }
  }

  /**
   * Whether an allele is about as weak in the other amplicons or exons, as the whole call tells.
   */
  private boolean isWeakElsewhere(CalledGene gene, Attribution but, int side) {
    double[] sums = new double[2];
    gene.targets().stream()
        .filter(target -> !target.equals(but) && target.isDeciding())
        .forEach(target -> target.addDeciding(sums));
    double all = sums[0] + sums[1];
    double usual = ruleset.get(Threshold.AMPLICON_USUAL_SHARE);
    return all > 0 && sums[side] < usual * all;
  }

  private static Flag share(FlagCode code, String message, AlleleCall allele, double threshold) {
    return Flag.of(
        code, message, "allele", allele.name(), "share", allele.share(), "threshold", threshold);
  }

  /**
   * A called allele of which the release does not state all exon bases where reads may lie: they
   * are as of another allele there. Unknown introns and ends do not change the protein.
   */
  private static void partlyUnknown(CalledGene gene, List<Flag> flags) {
    for (int side = 0; side < gene.result().called().classes().size(); side++) {
      int unknown = 0;
      for (RegionReads region : gene.regions()) {
        unknown += unknownExonBp(gene, region, side);
      }
      String allele = gene.result().model().name(gene.result().called().classes().get(side));
      if (unknown > 0) {
        flags.add(
            Flag.of(
                FlagCode.PARTLY_UNKNOWN_ALLELE,
                "The release does not state %d exon bases of %s".formatted(unknown, allele),
                "allele",
                allele,
                "unknown_exon_bp",
                unknown));
      }
    }
  }

  private static int unknownExonBp(CalledGene gene, RegionReads region, int side) {
    List<LocusTable.Feature> features = gene.result().model().table().features();
    return (int)
        region.sides().get(side).places().stream()
            .filter(place -> place.symbol() == '*' && features.get(place.feature()).isExon())
            .count();
  }

  private static void ambiguous(AlleleCall allele, List<Flag> flags) {
    long names =
        allele.ambiguities().stream()
            .map(name -> AlleleName.parse(name).twoFields())
            .distinct()
            .count();
    if (names > 1) {
      flags.add(
          Flag.of(
              FlagCode.AMBIGUOUS_PROTEIN,
              "The reads cannot tell %s from alleles of %d other two-field names"
                  .formatted(allele.name(), names - 1),
              "allele",
              allele.name(),
              "two_field_names",
              names));
    }
  }
}
