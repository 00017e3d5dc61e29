package org.gems.typer.genotype;

import org.gems.typer.genotype.AmpliconModel.Choice;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * How well two sequences together explain an amplicon's pairs. Each pair comes from the first with
 * the share, from the second with the rest, or, at a low rate, from something else that explains it
 * as well as anything can (a chimera, another sample, another gene): so no single pair decides. The
 * share is estimated, for PCR is uneven, with a weak pull to one half.
 */
public final class Mixture {
  private static final int ROUNDS = 8;

  private final double outlierRate;
  private final double minimumShare;
  private final double priorCounts;

  /** A mixture with the ruleset's rates. */
  public Mixture(Ruleset ruleset) {
    outlierRate = ruleset.get(Threshold.OUTLIER_RATE);
    minimumShare = ruleset.get(Threshold.SHARE_MINIMUM);
    priorCounts = ruleset.get(Threshold.SHARE_PRIOR_COUNTS);
  }

  /**
   * A fit.
   *
   * @param logLikelihood natural logarithm, relative to every pair's best sequence
   * @param share of the first sequence
   */
  public record Fit(double logLikelihood, double share) {}

  /** Fits the share of two different sequences, or explains everything by one given twice. */
  public Fit fit(AmpliconEvidence evidence, int one, int two) {
    double share = 0.5;
    if (one == two) {
      return new Fit(logLikelihood(evidence, one, two, share), share);
    }
    for (int round = 0; round < ROUNDS; round++) {
      share = nextShare(evidence, one, two, share);
    }
    double prior = priorCounts * Math.log(4 * share * (1 - share));
    return new Fit(logLikelihood(evidence, one, two, share) + prior, share);
  }

  private double nextShare(AmpliconEvidence evidence, int one, int two, double share) {
    double sumOne = priorCounts;
    double sumTwo = priorCounts;
    double first = (1 - outlierRate) * share;
    double second = (1 - outlierRate) * (1 - share);
    for (int p = 0; p < evidence.pairs(); p++) {
      double fromOne = first * evidence.likelihood(one, p);
      double fromTwo = second * evidence.likelihood(two, p);
      double all = fromOne + fromTwo + outlierRate;
      sumOne += fromOne / all;
      sumTwo += fromTwo / all;
    }
    double estimate = sumOne / Math.max(1e-9, sumOne + sumTwo);
    return Math.max(minimumShare, Math.min(1 - minimumShare, estimate));
  }

  private double logLikelihood(AmpliconEvidence evidence, int one, int two, double share) {
    double first = (1 - outlierRate) * share;
    double second = (1 - outlierRate) * (1 - share);
    double sum = 0;
    double product = 1;
    for (int p = 0; p < evidence.pairs(); p++) {
      product *=
          first * evidence.likelihood(one, p) + second * evidence.likelihood(two, p) + outlierRate;
      if (product < 1e-200) {
        sum += Math.log(product);
        product = 1;
      }
    }
    return sum + Math.log(product);
  }

  /**
   * Shares of one pair: how likely it comes from the first sequence, and from the second.
   *
   * @param choice two sequences and the share that fits them
   * @param into two numbers, overwritten; the rest to 1 is the outlier's
   */
  public void responsibilities(AmpliconEvidence evidence, Choice choice, int pair, double[] into) {
    double first = (1 - outlierRate) * choice.fit().share();
    double second = (1 - outlierRate) * (1 - choice.fit().share());
    double fromOne = first * evidence.likelihood(choice.one(), pair);
    double fromTwo = second * evidence.likelihood(choice.two(), pair);
    double all = fromOne + fromTwo + outlierRate;
    into[0] = fromOne / all;
    into[1] = fromTwo / all;
  }
}
