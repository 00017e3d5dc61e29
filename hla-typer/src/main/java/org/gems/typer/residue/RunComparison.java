package org.gems.typer.residue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.gems.typer.flags.Flag;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Asks of each sample of a run whose its foreign pairs are: another sample's, whose alleles explain
 * most of them at several genes, or nobody's in particular.
 */
public final class RunComparison {
  private final double leastPart;
  private final double leastShare;
  private final int leastPairs;
  private final int leastGenes;
  private final ThirdAlleleFinder finder;

  /** A comparison of samples that were typed with one library. */
  public RunComparison(Ruleset ruleset) {
    leastPart = ruleset.get(Threshold.CONTAMINATION_MINIMUM_PART);
    leastShare = ruleset.get(Threshold.CONTAMINATION_MINIMUM_SHARE);
    leastPairs = ruleset.count(Threshold.CONTAMINATION_MINIMUM_PAIRS);
    leastGenes = ruleset.count(Threshold.CONTAMINATION_MINIMUM_GENES);
    finder = new ThirdAlleleFinder(ruleset);
  }

  /**
   * The flags of one sample, by locus, that take the place of those it has.
   *
   * @param run all samples of the run, itself too
   */
  public Map<String, List<Flag>> flags(ForeignReads own, Collection<ForeignReads> run) {
    Optional<Source> source =
        run.stream()
            .filter(other -> !other.sample().equals(own.sample()))
            .map(other -> source(own, other))
            .filter(found -> isSource(own, found))
            .max(
                Comparator.comparingInt(Source::pairs)
                    .thenComparing(Source::sample, Comparator.reverseOrder()));
    Map<String, List<Flag>> found = new TreeMap<>();
    for (String gene : own.foreign().keySet()) {
      List<ThirdAllele> thirds = thirds(own, gene, source, run);
      if (!thirds.isEmpty()) {
        Flag flag = ThirdAlleleFlags.compared(gene, thirds, source);
        found.computeIfAbsent(ThirdAlleleFlags.locus(gene), k -> new ArrayList<>()).add(flag);
      }
    }
    return found;
  }

  /**
   * Another sample as the source of foreign pairs.
   *
   * @param pairs that its alleles explain
   * @param genes in which they explain most foreign pairs
   * @param share of the pairs of amplicons that could show them
   */
  record Source(String sample, int pairs, int genes, double share) {}

  private static Source source(ForeignReads own, ForeignReads other) {
    int pairs = 0;
    int genes = 0;
    int visible = 0;
    for (String gene : own.foreign().keySet()) {
      List<CalledAllele> alleles = other.called().getOrDefault(gene, List.of());
      int here = own.explained(gene, alleles);
      pairs += here;
      genes += 2 * here > own.size(gene) ? 1 : 0;
      visible += own.visible(gene, alleles);
    }
    return new Source(other.sample(), pairs, genes, (double) pairs / Math.max(1, visible));
  }

  private boolean isSource(ForeignReads own, Source source) {
    return source.pairs() >= leastPart * own.size()
        && source.pairs() >= leastPairs
        && source.genes() >= leastGenes
        && source.share() >= leastShare;
  }

  /** The third alleles of a gene: those that it shows itself, or else those of the source. */
  private List<ThirdAllele> thirds(
      ForeignReads own, String gene, Optional<Source> source, Collection<ForeignReads> run) {
    List<ThirdAllele> shown = own.thirds().get(gene);
    if (!shown.isEmpty() || source.isEmpty()) {
      return shown;
    }
    return run.stream()
        .filter(other -> other.sample().equals(source.get().sample()))
        .flatMap(other -> other.called().getOrDefault(gene, List.of()).stream())
        .map(allele -> finder.weighed(own.foreign().get(gene), allele))
        .filter(finder::isFrequent)
        .toList();
  }
}
