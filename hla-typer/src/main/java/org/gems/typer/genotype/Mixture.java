package org.gems.typer.genotype;

import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * How well two sequences together explain pairs. Each pair comes from the first with the share,
 * from the second with the rest, or from something else that explains it as well as anything can (a
 * chimera, another sample, another gene): so no single pair decides. The share is estimated, for
 * amplification is uneven, with a weak pull to one half. Not for several threads at once.
 */
public final class Mixture {
  private static final double HALF = 0.5;

  /** The likelihood is flat at its top: a share so close changes it by less than a thousandth. */
  private static final double CLOSE = 1e-4;

  private static final int MOST_STEPS = 20;

  /** So many factors, of which none is below a thousandth, are multiplied before a logarithm. */
  private static final int BLOCK = 32;

  private final double minimumShare;
  private final double dropoutPenalty;
  private double[] base = new double[0];
  private double[] slope = new double[0];
  private int size;
  private double fixed;
  private double first;
  private double second;
  private double priorCounts;

  /** A mixture with the ruleset's limits. */
  public Mixture(Ruleset ruleset) {
    this(ruleset, ruleset.get(Threshold.DROPOUT_PENALTY_LN));
  }

  private Mixture(Ruleset ruleset, double dropoutPenalty) {
    this.minimumShare = ruleset.get(Threshold.SHARE_MINIMUM);
    this.dropoutPenalty = dropoutPenalty;
  }

  /** A mixture in which both sequences are always there. */
  static Mixture withoutDropout(Ruleset ruleset) {
    return new Mixture(ruleset, Double.POSITIVE_INFINITY);
  }

  /**
   * Fits the share of two different sequences, or explains everything by one given twice.
   *
   * @param pairs how likely each is something else's, and the pull of the share
   * @param one their likelihoods under the first sequence
   * @param two the same under the second
   */
  public Fit fit(WeighedPairs pairs, float[] one, float[] two) {
    load(pairs, one, two);
    if (one == two) {
      return new Fit(fixed, HALF);
    }
    double share = bestShare();
    Fit mixed = new Fit(logLikelihood(share), share);
    return better(better(mixed, alone(1)), alone(0));
  }

  private static Fit better(Fit one, Fit two) {
    return two.logLikelihood() > one.logLikelihood() ? two : one;
  }

  /** All pairs come from one of the two, for the other was not amplified: at a price of its own. */
  private Fit alone(double share) {
    return new Fit(pairsAt(share) - dropoutPenalty, share);
  }

  /** A pair's likelihood is base + share x slope; of pairs without slope the logarithm is added. */
  private void load(WeighedPairs pairs, float[] one, float[] two) {
    float[] elsewhere = pairs.elsewhere();
    priorCounts = pairs.sharePriorCounts();
    if (base.length < one.length) {
      base = new double[one.length];
      slope = new double[one.length];
    }
    size = 0;
    fixed = 0;
    double product = 1;
    int factors = 0;
    for (int p = 0; p < one.length; p++) {
      double own = 1 - elsewhere[p];
      if (one[p] == two[p]) {
        product *= own * two[p] + elsewhere[p];
        if (++factors == BLOCK) {
          fixed += Math.log(product);
          product = 1;
          factors = 0;
        }
      } else {
        base[size] = own * two[p] + elsewhere[p];
        slope[size++] = own * (one[p] - two[p]);
      }
    }
    fixed += Math.log(product);
  }

  /** Newton's way to the top of a concave function, kept between the ends that are known. */
  private double bestShare() {
    double low = minimumShare;
    double high = 1 - minimumShare;
    double share = HALF;
    for (int step = 0; step < MOST_STEPS; step++) {
      derive(share);
      if (first > 0) {
        low = share;
      } else {
        high = share;
      }
      double next = Math.max(minimumShare, Math.min(1 - minimumShare, share - first / second));
      if (next < low || next > high) {
        next = (low + high) / 2;
      }
      if (Math.abs(next - share) < CLOSE) {
        return next;
      }
      share = next;
    }
    return share;
  }

  /** First and second derivative of the log-likelihood by the share. */
  private void derive(double share) {
    double up = 0;
    double curve = 0;
    for (int i = 0; i < size; i++) {
      double ratio = slope[i] / (base[i] + share * slope[i]);
      up += ratio;
      curve += ratio * ratio;
    }
    double rest = 1 - share;
    first = up + priorCounts * (1 / share - 1 / rest);
    second = -curve - priorCounts * (1 / (share * share) + 1 / (rest * rest));
  }

  private double logLikelihood(double share) {
    return pairsAt(share) + priorCounts * Math.log(4 * share * (1 - share));
  }

  private double pairsAt(double share) {
    double sum = fixed;
    for (int from = 0; from < size; from += BLOCK) {
      double product = 1;
      for (int i = from; i < Math.min(size, from + BLOCK); i++) {
        product *= base[i] + share * slope[i];
      }
      sum += Math.log(product);
    }
    return sum;
  }

  /**
   * How likely one pair comes from the first sequence, and from the second; the rest to 1 is
   * something else's.
   *
   * @param into two numbers, overwritten
   */
  public static void responsibilities(
      float one, float two, float elsewhere, double share, double[] into) {
    double fromOne = (1 - elsewhere) * share * one;
    double fromTwo = (1 - elsewhere) * (1 - share) * two;
    double all = fromOne + fromTwo + elsewhere;
    into[0] = fromOne / all;
    into[1] = fromTwo / all;
  }
}
