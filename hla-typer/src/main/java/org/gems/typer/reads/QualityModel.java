package org.gems.typer.reads;

import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * What a base of a quality says. Qualities promise more than a PCR keeps, so the error rate has a
 * floor; below Phred 2 a base says nothing.
 */
public final class QualityModel {
  /** Number of qualities that FASTQ can write. */
  public static final int LEVELS = 94;

  /** A loss is a whole number of thousandths, so that sums are the same in any order. */
  public static final int LOSS_SCALE = 1000;

  /** Past a sequence's end any base is as likely as another: one in four, against a sure match. */
  private static final double BEYOND = Math.log(4);

  private final float[] penalty = new float[LEVELS];
  private final float[] errorRate = new float[LEVELS];
  private final int[] losses = new int[LEVELS];
  private final int[] lossesBeyond = new int[LEVELS];

  /** A model with a floor under the error rate. */
  public QualityModel(double floor) {
    for (int quality = 0; quality < LEVELS; quality++) {
      double error = Math.min(0.75, Math.max(floor, Math.pow(10, -quality / 10.0)));
      errorRate[quality] = (float) error;
      penalty[quality] = (float) Math.log((1 - error) / (error / 3));
      losses[quality] = Math.round(LOSS_SCALE * penalty[quality]);
      lossesBeyond[quality] = (int) Math.round(LOSS_SCALE * penaltyBeyond(quality));
    }
  }

  /** The model of a ruleset. */
  public static QualityModel of(Ruleset ruleset) {
    return new QualityModel(ruleset.get(Threshold.BASE_ERROR_FLOOR));
  }

  /** A threshold that is a natural logarithm, in the thousandths in which losses are counted. */
  public static int thousandths(Ruleset ruleset, Threshold threshold) {
    return (int) Math.round(LOSS_SCALE * ruleset.get(threshold));
  }

  /** Natural logarithm of how much likelier a match is than one certain mismatch. */
  public float penalty(int quality) {
    return penalty[quality];
  }

  /** What a base past a sequence's end costs, where any is as likely as another. */
  public double penaltyBeyond(int quality) {
    return Math.min(BEYOND, penalty[quality]);
  }

  /** Probability that the base is wrong. */
  public float errorRate(int quality) {
    return errorRate[quality];
  }

  /** By quality: {@link #penalty} in thousandths. */
  public int[] losses() {
    return losses;
  }

  /** By quality: what a base past a sequence's end loses, in thousandths. */
  public int[] lossesBeyond() {
    return lossesBeyond;
  }
}
