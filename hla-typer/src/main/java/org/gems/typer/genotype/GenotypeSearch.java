package org.gems.typer.genotype;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gems.typer.library.AlleleEntry;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Weighs all pairs of a gene's shortlisted classes, ranks the best, and names the first. */
public final class GenotypeSearch {
  /** Likelihoods closer than this are one: sums of floats differ by less. */
  private static final double TIE = 1e-4;

  private final LocusModel model;
  private final double penalty;
  private final double openPenalty;
  private final double nullPenalty;
  private final double genotypeMargin;
  private final double namingMargin;
  private final Comparator<Genotype> byName;
  private final Comparator<Genotype> order;

  /** A search with the ruleset's penalty for a second allele. */
  public GenotypeSearch(LocusModel model, Ruleset ruleset) {
    this.model = model;
    this.penalty = ruleset.get(Threshold.HETEROZYGOUS_PENALTY_LN);
    this.openPenalty = ruleset.get(Threshold.OPEN_ALLELE_PENALTY_LN);
    this.nullPenalty = ruleset.get(Threshold.NULL_ALLELE_PENALTY_LN);
    this.genotypeMargin = ruleset.get(Threshold.GENOTYPE_MARGIN_LN);
    this.namingMargin = ruleset.get(Threshold.NAMING_MARGIN_LN);
    Comparator<Integer> preference = model.preference();
    this.byName =
        Comparator.<Genotype, Integer>comparing(g -> g.one().representative(), preference)
            .thenComparing(g -> g.two().representative(), preference);
    this.order =
        Comparator.<Genotype>comparingLong(g -> -Math.round(g.logLikelihood() / TIE))
            .thenComparing(byName);
  }

  /**
   * The best genotypes, the one to be called first, the others best first. A genotype scores at
   * most what the weaker of its classes can reach at its best partner's side, so classes are tried
   * in the order of that ceiling, and the search ends where no ceiling reaches the last genotype
   * kept.
   *
   * @param singleOnly whether the gene is known to be there in one copy
   */
  List<Genotype> rank(int limit, boolean singleOnly) {
    PriorityQueue<Genotype> best = new PriorityQueue<>(order.reversed());
    List<AlleleClass> classes = new ArrayList<>(model.shortlist());
    double[] ceilings = classes.stream().mapToDouble(this::ceiling).toArray();
    int[] sorted =
        IntStream.range(0, ceilings.length)
            .boxed()
            .sorted(Comparator.comparingDouble(c -> -ceilings[c]))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int i = 0; i < sorted.length && ceilings[sorted[i]] >= least(best, limit); i++) {
      for (int j = singleOnly ? i : 0; j <= i; j++) {
        offer(best, limit, classes.get(sorted[i]), classes.get(sorted[j]));
      }
    }
    List<Genotype> ranked = new ArrayList<>(best);
    ranked.sort(order);
    return ranked;
  }

  private double ceiling(AlleleClass allele) {
    return model.promise(allele) - prior(allele);
  }

  private static double least(PriorityQueue<Genotype> best, int limit) {
    return best.size() < limit ? Double.NEGATIVE_INFINITY : best.peek().logLikelihood() - TIE;
  }

  private void offer(PriorityQueue<Genotype> best, int limit, AlleleClass one, AlleleClass two) {
    double logLikelihood = model.score(one, two) - prior(one, two);
    if (logLikelihood >= least(best, limit)) {
      best.add(genotype(one, two, logLikelihood));
      if (best.size() > limit) {
        best.poll();
      }
    }
  }

  private Genotype genotype(AlleleClass one, AlleleClass two, double logLikelihood) {
    boolean inOrder = model.preference().compare(one.representative(), two.representative()) <= 0;
    return new Genotype(inOrder ? one : two, inOrder ? two : one, logLikelihood);
  }

  /** What a genotype must make good before its reads count for it. */
  double prior(AlleleClass one, AlleleClass two) {
    return one == two ? prior(one) : prior(one) + prior(two) + penalty;
  }

  /** What a class must make good, alone. */
  double prior(AlleleClass allele) {
    double open = allele.complete() ? 0 : openPenalty;
    return open + (isNull(allele) ? nullPenalty : 0);
  }

  private boolean isNull(AlleleClass allele) {
    return model.entry(allele.representative()).name().isNull();
  }

  /**
   * The genotype to be called: of those that the reads do not tell from the best one, that of the
   * alleles to be named first (expressed, stated in full, common). Of equally common ones it is the
   * likeliest by a whole unit of ln, then the one of the lower name. Less than the naming margin
   * decides nothing else.
   *
   * @param ranked best first; at least one
   */
  Genotype named(List<Genotype> ranked) {
    Genotype best = ranked.get(0);
    double least = best.logLikelihood() - namingMargin;
    return ranked.stream()
        .filter(g -> g.logLikelihood() >= least && g.isHomozygous() == best.isHomozygous())
        .filter(g -> gap(best, g.one(), g.two()) <= namingMargin)
        .min(
            Comparator.<Genotype>comparingInt(g -> count(g, this::isNull))
                .thenComparingInt(g -> count(g, c -> !c.complete()))
                .thenComparingInt(g -> entries(g).mapToInt(AlleleEntry::rarity).sum())
                .thenComparingLong(g -> -Math.round(g.logLikelihood()))
                .thenComparing(byName))
        .orElseThrow();
  }

  private static int count(Genotype genotype, Predicate<AlleleClass> test) {
    return (int) Stream.of(genotype.one(), genotype.two()).filter(test).count();
  }

  private Stream<AlleleEntry> entries(Genotype genotype) {
    return Stream.of(genotype.one(), genotype.two()).map(c -> model.entry(c.representative()));
  }

  /**
   * Alleles that the reads cannot tell from one of a genotype's, the other being as it is.
   *
   * @return allele indices, the called one first
   */
  public List<Integer> ambiguities(Genotype called, AlleleClass allele) {
    List<Integer> others = new ArrayList<>();
    for (AlleleClass candidate : model.classes()) {
      if (candidate != allele && isAsGood(called, allele, candidate)) {
        for (int member : candidate.members()) {
          others.add(member);
        }
      }
    }
    Arrays.stream(allele.members()).forEach(others::add);
    others.sort(model.preference());
    others.add(0, allele.representative());
    // An allele that the release leaves open may have several looks.
    return others.stream().distinct().toList();
  }

  private boolean isAsGood(Genotype called, AlleleClass allele, AlleleClass candidate) {
    AlleleClass partner = called.one() == allele ? called.two() : called.one();
    if (!called.isHomozygous() && candidate == partner) {
      return false;
    }
    AlleleClass beside = called.isHomozygous() ? candidate : partner;
    return isPossible(called, candidate, beside);
  }

  /**
   * Whether the reads do not exclude two classes beside a genotype. A second allele beside a single
   * one must make good what a second allele always must: one that no amplicon copied fits any
   * reads.
   */
  public boolean isPossible(Genotype called, AlleleClass one, AlleleClass two) {
    double second = called.isHomozygous() && one != two ? penalty : 0;
    return gap(called, one, two) + second <= genotypeMargin;
  }

  /** How much less likely the reads alone make two classes than a genotype's. */
  public double gap(Genotype called, AlleleClass one, AlleleClass two) {
    return model.scoreOfReads(called.one(), called.two()) - model.scoreOfReads(one, two);
  }
}
