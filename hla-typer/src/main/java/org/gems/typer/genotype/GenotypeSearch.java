package org.gems.typer.genotype;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Weighs all pairs of allele classes of a gene and ranks the best. */
public final class GenotypeSearch {
  /** Likelihoods closer than this are one: sums of floats differ by less. */
  private static final double TIE = 1e-4;

  private final LocusModel model;
  private final double penalty;
  private final double openPenalty;
  private final double nullPenalty;
  private final double ambiguityMargin;
  private final Comparator<Genotype> order;

  /** A search with the ruleset's penalty for a second allele. */
  public GenotypeSearch(LocusModel model, Ruleset ruleset) {
    this.model = model;
    this.penalty = ruleset.get(Threshold.HETEROZYGOUS_PENALTY_LN);
    this.openPenalty = ruleset.get(Threshold.OPEN_ALLELE_PENALTY_LN);
    this.nullPenalty = ruleset.get(Threshold.NULL_ALLELE_PENALTY_LN);
    this.ambiguityMargin = ruleset.get(Threshold.AMBIGUITY_MARGIN_LN);
    Comparator<Integer> preference = model.preference();
    this.order =
        Comparator.<Genotype>comparingLong(g -> -Math.round(g.logLikelihood() / TIE))
            .thenComparing(g -> g.one().representative(), preference)
            .thenComparing(g -> g.two().representative(), preference);
  }

  /**
   * The best genotypes, best first. A genotype scores at most what the weaker of its classes can
   * reach at its best partner's side, so classes are tried in the order of that ceiling, and the
   * search ends where no ceiling reaches the last genotype kept.
   *
   * @param singleOnly whether the gene is known to be there in one copy
   */
  public List<Genotype> rank(int limit, boolean singleOnly) {
    PriorityQueue<Genotype> best = new PriorityQueue<>(order.reversed());
    List<AlleleClass> classes = new ArrayList<>(model.classes());
    classes.sort(Comparator.comparingDouble(c -> -ceiling(c)));
    for (int i = 0; i < classes.size() && ceiling(classes.get(i)) >= least(best, limit); i++) {
      for (int j = singleOnly ? i : 0; j <= i; j++) {
        offer(best, limit, classes.get(i), classes.get(j));
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
  private double prior(AlleleClass one, AlleleClass two) {
    return one == two ? prior(one) : prior(one) + prior(two) + penalty;
  }

  private double prior(AlleleClass allele) {
    double open = allele.complete() ? 0 : openPenalty;
    boolean isNull = model.entry(allele.representative()).name().isNull();
    return open + (isNull ? nullPenalty : 0);
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
    Arrays.stream(allele.members()).skip(1).forEach(others::add);
    others.sort(model.preference());
    others.add(0, allele.representative());
    return others;
  }

  /** Log-likelihood without what a genotype must make good: what the reads alone say. */
  public double ofReads(Genotype genotype) {
    return genotype.logLikelihood() + prior(genotype.one(), genotype.two());
  }

  private boolean isAsGood(Genotype called, AlleleClass allele, AlleleClass candidate) {
    AlleleClass partner = called.one() == allele ? called.two() : called.one();
    if (!called.isHomozygous() && candidate == partner) {
      return false;
    }
    AlleleClass beside = called.isHomozygous() ? candidate : partner;
    double seen = model.scoreOfReads(called.one(), called.two());
    return model.scoreOfReads(candidate, beside) >= seen - ambiguityMargin;
  }
}
