package org.gems.typer.calls;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.gems.typer.calls.LocusCall.CandidateCount;
import org.gems.typer.genotype.AlleleClass;
import org.gems.typer.genotype.Genotype;
import org.gems.typer.genotype.OptionSets;
import org.gems.typer.genotype.Place;
import org.gems.typer.genotype.Target;
import org.gems.typer.library.LocusTable;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Counts, for every allele that was weighed and every place, the pairs that fit it. A person who
 * looks at a call sees in this table why another allele was not called.
 */
final class CandidateCounter {
  private static final double HALF = 0.5;

  /** Alleles that the reads cannot tell from a called one have its row, or places left open. */
  private static final int AMBIGUITIES = 5;

  private final int genotypes;
  private final double least;

  CandidateCounter(Ruleset ruleset) {
    genotypes = ruleset.count(Threshold.CANDIDATES_REPORTED);
    least = Math.exp(-ruleset.get(Threshold.SUPPORT_MARGIN_LN));
  }

  /**
   * A row for each allele of the reported genotypes, the called ones first, and for some that the
   * reads cannot tell from these.
   */
  List<CandidateCount> count(CalledGene gene, PossibleGenotypes possible) {
    List<Integer> called = alleles(gene.result().called());
    Set<Integer> rows = new LinkedHashSet<>(called);
    gene.result().candidates().stream()
        .limit(genotypes)
        .map(CandidateCounter::alleles)
        .forEach(rows::addAll);
    for (int side = 0; side < called.size(); side++) {
      possible.alleles(side).stream().skip(1).limit(AMBIGUITIES).forEach(rows::add);
    }
    return rows.stream()
        .map(
            allele ->
                new CandidateCount(
                    gene.result().model().entry(allele).name().text(),
                    called.contains(allele),
                    pairs(gene, allele)))
        .toList();
  }

  private static List<Integer> alleles(Genotype genotype) {
    return genotype.classes().stream().map(AlleleClass::representative).toList();
  }

  private List<CandidateCount.Pairs> pairs(CalledGene gene, int allele) {
    return gene.targets().stream()
        .map(Attribution::target)
        .map(
            target ->
                new CandidateCount.Pairs(
                    target.name(),
                    isUnknown(gene, target, allele)
                        ? OptionalInt.empty()
                        : OptionalInt.of(fitting(target, allele))))
        .toList();
  }

  /** Pairs of the gene for which nothing is clearly better than the allele. */
  private int fitting(Target target, int allele) {
    int[] own = OptionSets.weighed(target.sequencesOf(allele), target.weighed().weighedAs());
    return (int)
        IntStream.range(0, target.pairs())
            .filter(p -> target.elsewhere()[p] < HALF)
            .filter(p -> fits(target, own, p))
            .count();
  }

  private boolean fits(Target target, int[] sequences, int pair) {
    double enough = least * target.bestLikelihood(pair);
    for (int sequence : sequences) {
      if (target.likelihoods(sequence)[pair] >= enough) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether the release states no exon base of an allele where the called one has them in a place.
   */
  private static boolean isUnknown(CalledGene gene, Target target, int allele) {
    LocusTable table = gene.result().model().table();
    List<Place> places =
        gene.regions().stream()
            .filter(region -> region.name().equals(target.name()) && !region.sides().isEmpty())
            .flatMap(region -> region.sides().get(0).places().stream())
            .filter(place -> table.features().get(place.feature()).isExon())
            .toList();
    return !places.isEmpty()
        && places.stream()
            .allMatch(place -> table.row(place.feature(), allele)[place.column()] == '*');
  }
}
