package org.gems.typer.evidence;

import java.util.Arrays;
import org.gems.typer.haplotype.Bases;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.haplotype.SubstringDag;
import org.gems.typer.reads.QualityModel;

/**
 * Scores pairs against all sequences of an amplicon. A read is anchored where its primer ends, so
 * its bases lie on the sequence one by one; the second read is laid on from the other end. Not safe
 * for use by several threads: it keeps its scratch space.
 */
public final class PairScorer {
  private static final int STRIDE = SubstringDag.STRIDE;

  /** Past a sequence's end any base is as likely as another: one in four, against a sure match. */
  private static final float BEYOND_PENALTY = (float) Math.log(0.25);

  /** Sums of floats in another order differ by less. */
  private static final float ROUNDING = 0.01f;

  private final QualityModel qualities;
  private final Side left = new Side();
  private final Side right = new Side();

  /** A scorer that weighs bases by their qualities. */
  public PairScorer(QualityModel qualities) {
    this.qualities = qualities;
  }

  /** A read's packed bases after its primer. */
  public record Slice(byte[] data, int start, int length) {}

  /**
   * Log-likelihoods of a pair, relative to a pair without any mismatch.
   *
   * @param fromStart the read that begins at the forward primer
   * @param fromEnd the read that begins at the reverse primer
   * @param scores one a sequence of the set, overwritten
   */
  public void score(HaplotypeSet set, Slice fromStart, Slice fromEnd, float[] scores) {
    scoreUnlessBelow(Float.NEGATIVE_INFINITY, set, fromStart, fromEnd, scores);
  }

  /**
   * As {@link #score}, but gives up as soon as no sequence can reach a score.
   *
   * @return whether the scores were worked out
   */
  public boolean scoreUnlessBelow(
      float least, HaplotypeSet set, Slice fromStart, Slice fromEnd, float[] scores) {
    float floor = least - ROUNDING;
    float leftBound = left.scoreBlocks(set.fromStart(), fromStart, 0);
    float rightBound = right.scoreBlocks(set.fromEnd(), fromEnd, 3);
    if (leftBound + rightBound < floor) {
      return false;
    }
    Arrays.fill(scores, 0, set.size(), 0);
    set.fromStart().addJoined(left.scratch, scores);
    if (maximum(scores, set.size()) + rightBound < floor) {
      return false;
    }
    set.fromEnd().addJoined(right.scratch, scores);
    return true;
  }

  /** The greatest of the first values. */
  static float maximum(float[] values, int count) {
    float best = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      best = Math.max(best, values[i]);
    }
    return best;
  }

  /** One read's weights, kept from pair to pair. */
  private final class Side {
    private float[] weights = new float[0];
    private float[] scratch = new float[0];
    private int filled;

    /** {@code flip} 3 complements the read's bases, as those of the other strand need. */
    float scoreBlocks(SubstringDag dag, Slice read, int flip) {
      if (weights.length < dag.positions() * STRIDE) {
        weights = Arrays.copyOf(weights, dag.positions() * STRIDE);
      }
      if (scratch.length < dag.nodes()) {
        scratch = new float[dag.nodes()];
      }
      int bases = Math.min(read.length(), dag.positions());
      for (int i = 0; i < bases; i++) {
        weigh(i * STRIDE, read.data()[read.start() + i], flip);
      }
      if (filled > bases) {
        Arrays.fill(weights, bases * STRIDE, Math.min(weights.length, filled * STRIDE), 0);
      }
      filled = bases;
      return dag.scoreBlocks(weights, scratch);
    }

    private void weigh(int at, byte packed, int flip) {
      float penalty = -qualities.penalty(PackedRead.quality(packed));
      weights[at] = penalty;
      weights[at + 1] = penalty;
      weights[at + 2] = penalty;
      weights[at + 3] = penalty;
      weights[at + Bases.BEYOND] = Math.max(penalty, BEYOND_PENALTY);
      weights[at + (PackedRead.base(packed) ^ flip)] = 0;
    }
  }
}
