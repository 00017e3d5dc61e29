package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.gems.typer.calls.LocusCall.AlleleCall;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.genotype.Genotype;
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

  /** Rules with a ruleset's thresholds. */
  public FlagRules(Catalog catalog, Ruleset ruleset) {
    this.catalog = catalog;
    this.ruleset = ruleset;
    this.doubts = new DoubtRules(ruleset);
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
    dropout(amplicons, alleles, flags);
    alleles.forEach(allele -> openOrAmbiguous(allele, flags));
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
                evidence("amplicon", amplicon.amplicon(), "pairs", pairs, "threshold", least)));
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
                evidence("allele", allele.name(), "share", allele.share(), "threshold", least)));
      }
      double doubtful = ruleset.get(Threshold.HETEROZYGOUS_MINIMUM_SHARE);
      if (allele.share() < doubtful) {
        flags.add(
            new Flag(
                "doubtful_second_allele",
                "%s may be another sample's: its share is below %.0f%%"
                    .formatted(allele.name(), 100 * doubtful),
                evidence("allele", allele.name(), "share", allele.share(), "threshold", doubtful)));
      }
    }
  }

  private void dropout(List<Attribution> amplicons, List<AlleleCall> alleles, List<Flag> flags) {
    double least = ruleset.get(Threshold.DROPOUT_SHARE);
    for (Attribution amplicon : amplicons) {
      double all = amplicon.pairs(0) + amplicon.pairs(1);
      for (int side = 0; amplicon.isDeciding() && side < alleles.size(); side++) {
        double share = all > 0 ? amplicon.pairs(side) / all : 1;
        if (share < least) {
          flags.add(dropped(amplicon.amplicon(), alleles.get(side).name(), share, least));
        }
      }
    }
  }

  private static Flag dropped(String amplicon, String allele, double share, double least) {
    return new Flag(
        "dropout_suspected",
        "%s shows hardly a pair of %s".formatted(amplicon, allele),
        evidence("amplicon", amplicon, "allele", allele, "share", share, "threshold", least));
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
              evidence("alleles", names, "log_likelihood_gap", gap, "pairs", others.size())));
    }
  }

  private static void openOrAmbiguous(AlleleCall allele, List<Flag> flags) {
    if (allele.documentation().equals("partial")) {
      flags.add(
          new Flag(
              "partly_unknown_allele",
              "The release does not state all bases of " + allele.name() + " between the primers",
              Map.of("allele", allele.name())));
    }
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
              evidence("allele", allele.name(), "two_field_names", names)));
    }
  }

  /** Evidence from names and values in turn. */
  static Map<String, Object> evidence(Object... namesAndValues) {
    Map<String, Object> evidence = new TreeMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      evidence.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return evidence;
  }
}
