package org.gems.typer.genotype;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * One target's say in the genotype: how well any two alleles explain its pairs. Fits are made when
 * they are asked for, and kept.
 */
public final class TargetModel {
  private static final int UNSET = -2;

  private final Target target;
  private final OptionSets sets;
  private final Mixture mixture;
  private final Fit[][] fits;
  private final float[] none;
  private final Map<Long, Choice> choices = new HashMap<>();
  private int[] weighed;
  private double[] best;

  /** The best choice of options for two alleles. */
  public record Choice(int one, int two, Fit fit) {}

  /** A model of a target for all alleles of its gene. */
  TargetModel(Target target, Mixture mixture) {
    this.target = target;
    this.sets = target.options();
    this.mixture = mixture;
    this.fits = new Fit[target.size() + 1][];
    this.none = new float[target.pairs()];
  }

  /** The pairs and their likelihoods. */
  public Target target() {
    return target;
  }

  /** The option set of an allele. */
  int setOf(int allele) {
    return sets.setOf(allele);
  }

  /** Whether any option of a set is weighed. */
  boolean isWeighed(int set) {
    return sets.isWeighed(set);
  }

  /** The natural logarithm of how many sequences a set allows. */
  double freedom(int set) {
    return sets.freedom(set);
  }

  /** Likelihoods of the pairs under an option, none under {@link OptionSets#NONE}. */
  public float[] likelihoods(int option) {
    return option == OptionSets.NONE ? none : target.likelihoods(option);
  }

  /** Likelihoods of the pairs under a set's first option. */
  float[] firstLikelihoods(int set) {
    return likelihoods(sets.options(set)[0]);
  }

  /** Log-likelihood of two alleles by the best choice of their option sets. */
  double score(int setOne, int setTwo) {
    int[] one = sets.options(setOne);
    int[] two = sets.options(setTwo);
    boolean isSimple = one.length == 1 && two.length == 1;
    return isSimple
        ? fit(one[0], two[0]).logLikelihood()
        : choose(setOne, setTwo).fit().logLikelihood();
  }

  /** Log-likelihood of one allele in two copies. */
  double homozygousScore(int set) {
    return chooseHomozygous(set).fit().logLikelihood();
  }

  /** The options that explain the pairs best. */
  Choice choose(int setOne, int setTwo) {
    long key = (long) setOne << Integer.SIZE | setTwo;
    return choices.computeIfAbsent(key, k -> chosen(sets.options(setOne), sets.options(setTwo)));
  }

  private Choice chosen(int[] first, int[] second) {
    Choice found = null;
    for (int one : first) {
      for (int two : second) {
        Fit fit = fit(one, two);
        if (found == null || fit.logLikelihood() > found.fit().logLikelihood()) {
          found = new Choice(one, two, fit);
        }
      }
    }
    return found;
  }

  /** The option that explains the pairs best alone. */
  Choice chooseHomozygous(int set) {
    int found = UNSET;
    for (int one : sets.options(set)) {
      boolean first = found == UNSET;
      boolean better = first || fit(one, one).logLikelihood() > fit(found, found).logLikelihood();
      found = better ? one : found;
    }
    return new Choice(found, found, fit(found, found));
  }

  private Fit fit(int one, int two) {
    int high = Math.max(one, two) + 1;
    int low = Math.min(one, two) + 1;
    if (fits[high] == null) {
      fits[high] = new Fit[high + 1];
    }
    Fit fit = fits[high][low];
    if (fit == null) {
      fit = mixture.fit(target.weighed(), likelihoods(high - 1), likelihoods(low - 1));
      fits[high][low] = fit;
    }
    return one >= two ? fit : fit.turned();
  }

  /** For each set the log-likelihood at even shares beside another, without keeping anything. */
  double[] balancedScores(int beside) {
    double[] byOption = new double[target.size() + 1];
    Arrays.fill(byOption, Double.NEGATIVE_INFINITY);
    for (int own : sets.options(beside)) {
      for (int option = OptionSets.NONE; option < target.size(); option++) {
        double score = Mixture.balanced(target.elsewhere(), likelihoods(own), likelihoods(option));
        byOption[option + 1] = Math.max(byOption[option + 1], score);
      }
    }
    double[] scores = new double[sets.size()];
    for (int set = 0; set < scores.length; set++) {
      scores[set] =
          Arrays.stream(sets.options(set)).mapToDouble(o -> byOption[o + 1]).max().orElseThrow();
    }
    return scores;
  }

  /** Names the sets that may stand beside each other from now on. */
  void weighOnly(int[] chosenSets) {
    weighed =
        Arrays.stream(chosenSets)
            .distinct()
            .flatMap(set -> Arrays.stream(sets.options(set)))
            .distinct()
            .toArray();
    best = new double[sets.size()];
    Arrays.fill(best, Double.NaN);
  }

  /** The best of a set's options with any that is weighed at its side. */
  double bestScore(int set) {
    if (Double.isNaN(best[set])) {
      best[set] = fit(OptionSets.NONE, sets.options(set)[0]).logLikelihood();
      for (int one : sets.options(set)) {
        for (int two : weighed) {
          best[set] = Math.max(best[set], fit(one, two).logLikelihood());
        }
      }
    }
    return best[set];
  }
}
