package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.gems.typer.calls.Flag;
import org.gems.typer.calls.LocusCall.AlleleCall;
import org.gems.typer.calls.NewAlleleFlags;
import org.gems.typer.calls.Variant;
import org.gems.typer.library.AlleleName;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** What about a call from scattered reads is worth a person's attention. */
final class ShotgunFlags {
  private final Ruleset ruleset;
  private final ShotgunDoubts doubts;

  ShotgunFlags(Ruleset ruleset) {
    this.ruleset = ruleset;
    this.doubts = new ShotgunDoubts(ruleset);
  }

  /** The exons that hold the peptide's groove, by which alleles are named: 2, in class I also 3. */
  private static boolean isDefining(GeneResult result, int exon) {
    String name = result.model().gene().features().get(exon).name();
    boolean classOne = !result.model().gene().name().startsWith("D");
    return name.equals("exon2") || (classOne && name.equals("exon3"));
  }

  private boolean isCovered(GeneResult result, int exon) {
    return result.meanDepth(exon) >= ruleset.get(Threshold.SHOTGUN_COVERED_DEPTH);
  }

  /** Whether reads lie in at least one exon by which alleles are named. */
  boolean isDefined(GeneResult result) {
    return IntStream.of(result.model().exons())
        .anyMatch(exon -> isDefining(result, exon) && isCovered(result, exon));
  }

  /** The flags of a gene that has reads, but none that could name an allele. */
  List<Flag> undefined(GeneResult result) {
    String gene = result.model().gene().name();
    String seen = names(result, true);
    Flag flag =
        new Flag(
            "defining_exon_without_reads",
            "%s is there, but its reads lie only in %s; its alleles differ in others"
                .formatted(gene, seen.isEmpty() ? "the ends of exons" : seen),
            Flag.evidenceOf("gene", gene, "exons_with_reads", seen, "pairs", pairs(result)));
    List<Flag> flags = new ArrayList<>(List.of(flag));
    uncovered(result, flags);
    return flags;
  }

  private static int pairs(GeneResult result) {
    return result.model().fragments().size();
  }

  private String names(GeneResult result, boolean covered) {
    return IntStream.of(result.model().exons())
        .filter(exon -> result.row(exon, 0).length > 0 && isCovered(result, exon) == covered)
        .mapToObj(exon -> result.model().gene().features().get(exon).name())
        .collect(Collectors.joining(", "));
  }

  /** The flags of a call. */
  List<Flag> flags(GeneResult result, List<AlleleCall> alleles, List<Variant> variants) {
    List<Flag> flags = new ArrayList<>();
    shortReads(result, flags);
    uncovered(result, flags);
    lowDepth(result, flags);
    imbalance(alleles, flags);
    alleles.forEach(allele -> openOrAmbiguous(allele, flags));
    otherPair(result, flags);
    flags.addAll(NewAlleleFlags.of(variants));
    flags.addAll(doubts.flags(result));
    return flags;
  }

  private void shortReads(GeneResult result, List<Flag> flags) {
    int least = ruleset.count(Threshold.SHOTGUN_SHORT_READ_BP);
    double mean = result.meanReadBp();
    if (mean < least) {
      flags.add(
          new Flag(
              "short_reads",
              "The reads lie on %s with %.0f bases on average, less than %d: related genes may not be told apart"
                  .formatted(result.model().gene().name(), mean, least),
              Flag.evidenceOf("mean_read_bp", mean, "threshold", least)));
    }
  }

  private void uncovered(GeneResult result, List<Flag> flags) {
    String names = names(result, false);
    if (!names.isEmpty()) {
      String gene = result.model().gene().name();
      flags.add(
          new Flag(
              "uncovered_exon",
              "%s has no reads to speak of in %s".formatted(gene, names),
              Flag.evidenceOf("gene", gene, "exons", names)));
    }
  }

  private void lowDepth(GeneResult result, List<Flag> flags) {
    int least = ruleset.count(Threshold.SHOTGUN_LOW_DEPTH);
    int leastBase = ruleset.count(Threshold.SHOTGUN_LOW_BASE_DEPTH);
    for (int exon : result.model().exons()) {
      double mean = result.meanDepth(exon);
      double lowest = result.minimumDepth(exon);
      if (isDefining(result, exon) && (mean < least || lowest < leastBase)) {
        String name = result.model().gene().features().get(exon).name();
        flags.add(
            new Flag(
                "low_depth",
                "%s of %s has a mean depth of %.1f and at its lowest %.0f; %d and %d are wanted"
                    .formatted(name, result.model().gene().name(), mean, lowest, least, leastBase),
                Flag.evidenceOf(
                    "amplicon",
                    name,
                    "mean_depth",
                    mean,
                    "minimum_depth",
                    lowest,
                    "threshold",
                    least,
                    "minimum_threshold",
                    leastBase)));
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
                "%s has %.0f%% of the pairs".formatted(allele.name(), 100 * allele.share()),
                Flag.evidenceOf(
                    "allele", allele.name(), "share", allele.share(), "threshold", least)));
      }
    }
  }

  private static void openOrAmbiguous(AlleleCall allele, List<Flag> flags) {
    if (allele.documentation().equals("partial")) {
      flags.add(
          new Flag(
              "partly_unknown_allele",
              "The release does not state all exons of " + allele.name(),
              Flag.evidenceOf("allele", allele.name())));
    }
    List<String> proteins =
        allele.ambiguities().stream()
            .map(name -> AlleleName.parse(name).twoFields())
            .distinct()
            .toList();
    if (proteins.size() > 1) {
      flags.add(
          new Flag(
              "ambiguous_protein",
              "%s cannot be told from %d other proteins"
                  .formatted(allele.name(), proteins.size() - 1),
              Flag.evidenceOf("allele", allele.name(), "proteins", proteins.size())));
    }
  }

  private void otherPair(GeneResult result, List<Flag> flags) {
    GroupPair called = result.called();
    double least = called.logLikelihood() - ruleset.get(Threshold.AMBIGUITY_MARGIN_LN);
    result.ranked().stream()
        .skip(1)
        .filter(other -> other.logLikelihood() >= least && !shareAnAllele(called, other))
        .findFirst()
        .ifPresent(other -> flags.add(otherPair(result, other)));
  }

  private static boolean shareAnAllele(GroupPair one, GroupPair two) {
    return IntStream.of(one.sides()).anyMatch(s -> s == two.one() || s == two.two());
  }

  private static Flag otherPair(GeneResult result, GroupPair other) {
    String names =
        IntStream.of(other.sides())
            .mapToObj(side -> result.name(result.group(side).representative()))
            .collect(Collectors.joining(" + "));
    return new Flag(
        "other_pair_as_likely",
        names + " together explain the reads as well",
        Flag.evidenceOf("alleles", names));
  }
}
