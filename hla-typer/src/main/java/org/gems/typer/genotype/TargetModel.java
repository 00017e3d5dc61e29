package org.gems.typer.genotype;

import java.util.Arrays;

/** One target's say in the genotype: how well any two alleles explain its pairs. */
public final class TargetModel extends OptionFits {
  private final Target target;
  private int[] weighed;
  private double[] best;

  /** A model of a target for all alleles of its gene. */
  TargetModel(Target target, Mixture mixture) {
    super(target.weighed(), mixture);
    this.target = target;
  }

  /** The pairs and their likelihoods. */
  public Target target() {
    return target;
  }

  /** The option set of an allele. */
  int setOf(int allele) {
    return sets().setOf(allele);
  }

  /** Whether any option of a set is weighed. */
  boolean isWeighed(int set) {
    return sets().isWeighed(set);
  }

  /** The natural logarithm of how many sequences a set allows. */
  double freedom(int set) {
    return sets().freedom(set);
  }

  /** Likelihoods of the pairs under a set's first option. */
  float[] firstLikelihoods(int set) {
    return likelihoods(sets().options(set)[0]);
  }

  /** For each set the log-likelihood at even shares beside another, without keeping anything. */
  double[] balancedScores(int beside) {
    float[][] options = new float[target.size() + 1][];
    Arrays.setAll(options, i -> likelihoods(i + OptionSets.NONE));
    double[] byOption = new double[options.length];
    Arrays.fill(byOption, Double.NEGATIVE_INFINITY);
    for (int own : sets().options(beside)) {
      double[] found = FourLanes.balanced(target.elsewhere(), likelihoods(own), options);
      Arrays.setAll(byOption, i -> Math.max(byOption[i], found[i]));
    }
    double[] scores = new double[sets().size()];
    for (int set = 0; set < scores.length; set++) {
      scores[set] =
          Arrays.stream(sets().options(set)).mapToDouble(o -> byOption[o + 1]).max().orElseThrow();
    }
    return scores;
  }

  /** Names the sets that may stand beside each other from now on. */
  void weighOnly(int[] chosenSets) {
    weighed =
        Arrays.stream(chosenSets)
            .distinct()
            .flatMap(set -> Arrays.stream(sets().options(set)))
            .distinct()
            .toArray();
    best = new double[sets().size()];
    Arrays.fill(best, Double.NaN);
  }

  /** The best of a set's options with any that is weighed at its side. */
  double bestScore(int set) {
    if (Double.isNaN(best[set])) {
      best[set] = fit(OptionSets.NONE, sets().options(set)[0]).logLikelihood();
      for (int one : sets().options(set)) {
        for (int two : weighed) {
          best[set] = Math.max(best[set], fit(one, two).logLikelihood());
        }
      }
    }
    return best[set];
  }
}
