package org.gems.typer.genotype;

import java.util.HashMap;
import java.util.Map;

/**
 * How well any two of the sequences that are weighed explain some pairs. Fits are made when they
 * are asked for, and kept.
 */
public class OptionFits {
  private static final int UNSET = -2;

  private final WeighedPairs pairs;
  private final Mixture mixture;
  private final Fit[][] fits;
  private final float[] none;
  private final Map<Long, Choice> choices = new HashMap<>();

  /** The best choice of options for two alleles. */
  public record Choice(int one, int two, Fit fit) {}

  /** Fits of some pairs. */
  OptionFits(WeighedPairs pairs, Mixture mixture) {
    this.pairs = pairs;
    this.mixture = mixture;
    this.fits = new Fit[pairs.likelihoods().length + 1][];
    this.none = new float[pairs.elsewhere().length];
  }

  /** Number of sequences that are weighed. */
  final int size() {
    return pairs.likelihoods().length;
  }

  /** What each allele may be. */
  final OptionSets sets() {
    return pairs.options();
  }

  /** Likelihoods of the pairs under an option, none under {@link OptionSets#NONE}. */
  public final float[] likelihoods(int option) {
    return option == OptionSets.NONE ? none : pairs.likelihoods()[option];
  }

  /** Log-likelihood of two alleles by the best choice of their option sets. */
  final double score(int setOne, int setTwo) {
    int[] one = sets().options(setOne);
    int[] two = sets().options(setTwo);
    boolean isSimple = one.length == 1 && two.length == 1;
    return isSimple
        ? fit(one[0], two[0]).logLikelihood()
        : choose(setOne, setTwo).fit().logLikelihood();
  }

  /** Log-likelihood of one allele in two copies. */
  final double homozygousScore(int set) {
    return chooseHomozygous(set).fit().logLikelihood();
  }

  /** The options that explain the pairs best. */
  final Choice choose(int setOne, int setTwo) {
    long key = (long) setOne << Integer.SIZE | setTwo;
    return choices.computeIfAbsent(
        key, k -> chosen(sets().options(setOne), sets().options(setTwo)));
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
  final Choice chooseHomozygous(int set) {
    int found = UNSET;
    for (int one : sets().options(set)) {
      boolean first = found == UNSET;
      boolean better = first || fit(one, one).logLikelihood() > fit(found, found).logLikelihood();
      found = better ? one : found;
    }
    return new Choice(found, found, fit(found, found));
  }

  /** How well two options explain the pairs. */
  final Fit fit(int one, int two) {
    int high = Math.max(one, two) + 1;
    int low = Math.min(one, two) + 1;
    if (fits[high] == null) {
      fits[high] = new Fit[high + 1];
    }
    Fit fit = fits[high][low];
    if (fit == null) {
      fit = mixture.fit(pairs, likelihoods(high - 1), likelihoods(low - 1));
      fits[high][low] = fit;
    }
    return one >= two ? fit : fit.turned();
  }
}
