package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.gems.typer.calls.LocusCall.AlleleCall;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.genotype.Genotype;
import org.gems.typer.genotype.LocusModel;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.library.AlleleName;
import org.gems.typer.panel.PanelRow;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** What about a call is worth a person's attention, each with its numbers. */
public final class FlagRules {
  private final Catalog catalog;
  private final Ruleset ruleset;
  private final DoubtRules doubts;
  private final DropoutRules dropouts;
  private final DocumentationRules documentation;

  /** Rules with a ruleset's thresholds. */
  FlagRules(Catalog catalog, Ruleset ruleset, SequencePlaces places) {
    this.catalog = catalog;
    this.ruleset = ruleset;
    this.doubts = new DoubtRules(ruleset);
    this.dropouts = new DropoutRules(ruleset);
    this.documentation = new DocumentationRules(places);
  }

  /** The flags of one gene's call. */
  public List<Flag> flags(
      LocusResult result,
      List<Attribution> amplicons,
      List<AlleleCall> alleles,
      List<Variant> variants) {
    List<Flag> flags = new ArrayList<>();
    missingAmplicons(result, amplicons, flags);
    lowDepth(amplicons, flags);
    imbalance(alleles, flags);
    flags.addAll(dropouts.flags(result, amplicons));
    flags.addAll(documentation.flags(result));
    alleles.forEach(allele -> ambiguous(allele, flags));
    otherPairs(result, flags);
    flags.addAll(NewAlleleFlags.of(variants));
    flags.addAll(doubts.flags(result, alleles));
    return flags;
  }

  private void missingAmplicons(LocusResult result, List<Attribution> amplicons, List<Flag> flags) {
    List<String> seen = amplicons.stream().map(Attribution::amplicon).toList();
    List<String> silent =
        result.model().products().stream()
            .map(p -> p.row().amplicon())
            .filter(name -> !seen.contains(name))
            .toList();
    if (!silent.isEmpty()) {
      String names = String.join(", ", silent);
      flags.add(
          new Flag(
              "amplicon_without_reads",
              "Too few pairs to use: " + names,
              Map.of("amplicons", names)));
    }
    List<String> unplaced =
        catalog.unplaced(result.model().table().locus()).stream().map(PanelRow::amplicon).toList();
    if (!unplaced.isEmpty()) {
      String names = String.join(", ", unplaced);
      flags.add(
          new Flag(
              "amplicon_not_in_library",
              "The library states no sequence for: " + names,
              Map.of("amplicons", names)));
    }
  }

  private void lowDepth(List<Attribution> amplicons, List<Flag> flags) {
    int least = ruleset.count(Threshold.LOW_DEPTH_PAIRS);
    for (Attribution amplicon : amplicons) {
      int pairs = amplicon.evidence().pairs();
      if (pairs < least) {
        flags.add(
            new Flag(
                "low_depth",
                "%s has %d pairs, fewer than %d".formatted(amplicon.amplicon(), pairs, least),
                Flag.evidenceOf(
                    "amplicon", amplicon.amplicon(), "pairs", pairs, "threshold", least)));
      }
    }
  }

  private void imbalance(List<AlleleCall> alleles, List<Flag> flags) {
    double least = ruleset.get(Threshold.IMBALANCE_SHARE);
    for (AlleleCall allele : alleles) {
      if (allele.share() < least) {
        flags.add(
            new Flag(
                "allele_imbalance",
                "%s has %.0f%% of the pairs that tell the alleles apart"
                    .formatted(allele.name(), 100 * allele.share()),
                Flag.evidenceOf(
                    "allele", allele.name(), "share", allele.share(), "threshold", least)));
      }
      double doubtful = ruleset.get(Threshold.HETEROZYGOUS_MINIMUM_SHARE);
      if (allele.share() < doubtful) {
        flags.add(
            new Flag(
                "doubtful_second_allele",
                "%s may be another sample's: its share is below %.0f%%"
                    .formatted(allele.name(), 100 * doubtful),
                Flag.evidenceOf(
                    "allele", allele.name(), "share", allele.share(), "threshold", doubtful)));
      }
    }
  }

  /** Two quite different pairs of alleles may explain the reads alike: their phase is not seen. */
  private void otherPairs(LocusResult result, List<Flag> flags) {
    Genotype called = result.called();
    double margin = ruleset.get(Threshold.GENOTYPE_MARGIN_LN);
    double seen = result.search().ofReads(called);
    List<Genotype> others =
        result.ranked().stream()
            .filter(other -> other.classes().stream().noneMatch(called.classes()::contains))
            .filter(other -> seen - result.search().ofReads(other) <= margin)
            .filter(other -> !isMadeOfAmbiguities(result, other, seen - margin))
            .toList();
    if (!others.isEmpty()) {
      String names =
          others.get(0).classes().stream()
              .map(c -> result.model().entry(c.representative()).name().text())
              .collect(Collectors.joining(" + "));
      double gap = seen - result.search().ofReads(others.get(0));
      flags.add(
          new Flag(
              "other_pair_as_likely",
              "The reads fit " + names + " about as well",
              Flag.evidenceOf(
                  "alleles", names, "log_likelihood_gap", gap, "pairs", others.size())));
    }
  }

  /** Whether each allele of another pair could take the place of a called one without the other. */
  private static boolean isMadeOfAmbiguities(LocusResult result, Genotype other, double least) {
    LocusModel model = result.model();
    Genotype called = result.called();
    boolean straight =
        model.scoreOfReads(other.one(), called.two()) >= least
            && model.scoreOfReads(called.one(), other.two()) >= least;
    boolean crosswise =
        model.scoreOfReads(other.two(), called.two()) >= least
            && model.scoreOfReads(called.one(), other.one()) >= least;
    return straight || crosswise;
  }

  private static void ambiguous(AlleleCall allele, List<Flag> flags) {
    long names =
        allele.ambiguities().stream()
            .map(name -> AlleleName.parse(name).twoFields())
            .distinct()
            .count();
    if (names > 1) {
      flags.add(
          new Flag(
              "ambiguous_protein",
              "The reads cannot tell %s from alleles of %d other two-field names"
                  .formatted(allele.name(), names - 1),
              Flag.evidenceOf("allele", allele.name(), "two_field_names", names)));
    }
  }
}
