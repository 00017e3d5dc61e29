package org.gems.typer.evidence;

import java.util.Arrays;
import org.gems.typer.evidence.NearestSequences.Slice;

/**
 * The pairs of one amplicon: for each the bases between the primers that its two reads show, and
 * the loss of the best sequence that any locus offers for it.
 */
public final class PairStore {
  private byte[] data = new byte[1 << 14];
  private int[] start = new int[65];
  private int[] leftLength = new int[64];
  private int[] leastLoss = new int[64];
  private int size;

  /**
   * Adds a pair.
   *
   * @param bases packed bases of the read that begins at the forward primer, from after the primer
   *     on, and then those of the other read from after its own
   * @param from their first index
   * @param leftBp bases of the one
   * @param rightBp bases of the other
   * @param least loss of the pair against the best sequence of all
   */
  public void add(byte[] bases, int from, int leftBp, int rightBp, int least) {
    grow(leftBp + rightBp);
    int at = start[size];
    System.arraycopy(bases, from, data, at, leftBp + rightBp);
    leftLength[size] = leftBp;
    leastLoss[size] = least;
    size++;
    start[size] = at + leftBp + rightBp;
  }

  private void grow(int bytes) {
    if (size == leftLength.length) {
      start = Arrays.copyOf(start, size * 2 + 1);
      leftLength = Arrays.copyOf(leftLength, size * 2);
      leastLoss = Arrays.copyOf(leastLoss, size * 2);
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

  /** Loss of a pair against the best sequence of all, in thousandths of a natural logarithm. */
  public int leastLoss(int pair) {
    return leastLoss[pair];
  }
}
