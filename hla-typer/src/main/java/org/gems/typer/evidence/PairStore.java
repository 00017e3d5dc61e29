package org.gems.typer.evidence;

import java.util.Arrays;
import org.gems.typer.evidence.PairScorer.Slice;

/**
 * The pairs of one amplicon: for each the bases between the primers that its two reads show, and
 * the score of the best sequence that any locus offers for it.
 */
public final class PairStore {
  private byte[] data = new byte[1 << 14];
  private int[] start = new int[65];
  private int[] leftLength = new int[64];
  private float[] bestScore = new float[64];
  private int size;

  /**
   * Adds a pair.
   *
   * @param left the read that begins at the forward primer, from its base {@code leftFrom} on
   * @param right the read that begins at the reverse primer, from its base {@code rightFrom} on
   * @param best log-likelihood of the pair given the best sequence of all
   */
  public void add(PackedRead left, int leftFrom, PackedRead right, int rightFrom, float best) {
    int leftBp = left.length() - leftFrom;
    int rightBp = right.length() - rightFrom;
    grow(leftBp + rightBp);
    int at = start[size];
    System.arraycopy(left.packed(), leftFrom, data, at, leftBp);
    System.arraycopy(right.packed(), rightFrom, data, at + leftBp, rightBp);
    leftLength[size] = leftBp;
    bestScore[size] = best;
    size++;
    start[size] = at + leftBp + rightBp;
  }

  private void grow(int bytes) {
    if (size == leftLength.length) {
      start = Arrays.copyOf(start, size * 2 + 1);
      leftLength = Arrays.copyOf(leftLength, size * 2);
      bestScore = Arrays.copyOf(bestScore, size * 2);
    }
    if (start[size] + bytes > data.length) {
      data = Arrays.copyOf(data, Math.max(data.length * 2, start[size] + bytes));
    }
  }

  /** Number of pairs. */
  public int size() {
    return size;
  }

  /** Packed bases of all pairs. */
  public byte[] data() {
    return data;
  }

  /** Where the left read of a pair begins in {@link #data}. */
  public int leftStart(int pair) {
    return start[pair];
  }

  /** Bases of a pair's left read. */
  public int leftLength(int pair) {
    return leftLength[pair];
  }

  /** Where the right read of a pair begins in {@link #data}. */
  public int rightStart(int pair) {
    return start[pair] + leftLength[pair];
  }

  /** Bases of a pair's right read. */
  public int rightLength(int pair) {
    return start[pair + 1] - rightStart(pair);
  }

  /** The read of a pair that begins at the forward primer. */
  public Slice left(int pair) {
    return new Slice(data, start[pair], leftLength[pair]);
  }

  /** The read of a pair that begins at the reverse primer. */
  public Slice right(int pair) {
    return new Slice(data, rightStart(pair), rightLength(pair));
  }

  /** Log-likelihood of a pair given the best sequence of all. */
  public float bestScore(int pair) {
    return bestScore[pair];
  }
}
