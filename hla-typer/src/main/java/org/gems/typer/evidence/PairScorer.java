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

  private final QualityModel qualities;
  private float[] weights = new float[0];
  private int filled;
  private float[] scratch = new float[0];

  /** A scorer that weighs bases by their qualities. */
  public PairScorer(QualityModel qualities) {
    this.qualities = qualities;
  }

  /**
   * Log-likelihoods of a pair, relative to a pair without any mismatch.
   *
   * @param left data and place of the read that begins at the forward primer
   * @param right data and place of the read that begins at the reverse primer
   * @param scores one a sequence of the set, overwritten
   */
  public void score(HaplotypeSet set, Slice left, Slice right, float[] scores) {
    scoreLeft(set, left, scores);
    addRight(set, right, scores);
  }

  /** A read's packed bases after its primer. */
  public record Slice(byte[] data, int start, int length) {}

  /** Log-likelihoods of the read that begins at the forward primer; none can rise by its mate. */
  public void scoreLeft(HaplotypeSet set, Slice left, float[] scores) {
    Arrays.fill(scores, 0, set.size(), 0);
    add(set.fromStart(), left, 0, scores);
  }

  /** Adds those of the read that begins at the reverse primer. */
  public void addRight(HaplotypeSet set, Slice right, float[] scores) {
    add(set.fromEnd(), right, 3, scores);
  }

  /** {@code flip} 3 complements the read's bases, as those of the other strand need. */
  private void add(SubstringDag dag, Slice slice, int flip, float[] scores) {
    byte[] read = slice.data();
    int start = slice.start();
    if (weights.length < dag.positions() * STRIDE) {
      weights = Arrays.copyOf(weights, dag.positions() * STRIDE);
    }
    if (scratch.length < dag.nodes()) {
      scratch = new float[dag.nodes()];
    }
    int bases = Math.min(slice.length(), dag.positions());
    for (int i = 0, at = 0; i < bases; i++, at += STRIDE) {
      float penalty = -qualities.penalty(PackedRead.quality(read[start + i]));
      weights[at] = penalty;
      weights[at + 1] = penalty;
      weights[at + 2] = penalty;
      weights[at + 3] = penalty;
      weights[at + Bases.BEYOND] = Math.max(penalty, BEYOND_PENALTY);
      weights[at + (PackedRead.base(read[start + i]) ^ flip)] = 0;
    }
    if (filled > bases) {
      Arrays.fill(weights, bases * STRIDE, Math.min(weights.length, filled * STRIDE), 0);
    }
    filled = bases;
    dag.addScores(weights, scratch, scores);
  }
}
