package org.gems.typer.evidence;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.gems.typer.evidence.NearestSequences.Slice;

/**
 * The pairs of one amplicon: for each the bases between the primers that its two reads show, and
 * the loss of the best sequence that any locus offers for it. Of more pairs than are weighed those
 * with the lowest hashes of their names are kept, so that the order of the file decides nothing.
 */
public final class PairStore {
  private final int cap;
  private byte[] data = new byte[1 << 14];
  private int[] start = new int[65];
  private int[] leftLength = new int[64];
  private int[] leastLoss = new int[64];
  private int[] support = new int[64];
  private long[] hash = new long[64];
  private int size;
  private int dropped;
  private long highest = Long.MAX_VALUE;
  private final Map<Long, GapSearch.Fits> gaps = new HashMap<>();

  /** An empty store that keeps so many pairs. */
  public PairStore(int cap) {
    this.cap = cap;
  }

  /**
   * Adds a pair.
   *
   * @param name hash of the pair's name
   * @param bases packed bases of the read that begins at the forward primer, from after the primer
   *     on, and then those of the other read from after its own
   * @param from their first index
   * @param leftBp bases of the one
   * @param rightBp bases of the other
   * @param least loss of the pair against the best sequence of all
   * @param supports a number for the sequences that explain it about as well
   */
  public void add(
      long name, byte[] bases, int from, int leftBp, int rightBp, int least, int supports) {
    if (name > highest) {
      dropped++;
      return;
    }
    grow(leftBp + rightBp);
    int at = start[size];
    System.arraycopy(bases, from, data, at, leftBp + rightBp);
    leftLength[size] = leftBp;
    leastLoss[size] = least;
    support[size] = supports;
    hash[size] = name;
    size++;
    start[size] = at + leftBp + rightBp;
    if (size >= 2 * cap) {
      thin();
    }
  }

  /** Adds a pair of which a gap was taken out; its name is that of a pair that was left out. */
  void add(long name, GappedPairs.Undone undone, int supports) {
    add(name, undone.bases(), 0, undone.leftBp(), undone.rightBp(), undone.leastLoss(), supports);
    gaps.put(name, undone.fit());
  }

  /** Adds a pair of another store, with the gap that was taken out of it there. */
  void add(PairStore other, int pair) {
    int from = other.start[pair];
    int left = other.leftLength[pair];
    int right = other.rightLength(pair);
    long name = other.hash[pair];
    add(name, other.data, from, left, right, other.leastLoss[pair], other.support[pair]);
    other.gap(pair).ifPresent(gap -> gaps.put(name, gap));
  }

  /**
   * The pairs as they are behind longer primers.
   *
   * @param forward bases by which the forward primer is longer; where it is shorter, bases that say
   *     nothing stand in place of those that are not kept
   * @param reverse the same of the reverse primer
   */
  PairStore moved(int forward, int reverse) {
    PairStore moved = new PairStore(cap);
    for (int p = 0; p < size; p++) {
      byte[] left = moved(left(p), forward);
      byte[] right = moved(right(p), reverse);
      byte[] both = joined(left, right);
      moved.add(hash[p], both, 0, left.length, right.length, leastLoss[p], support[p]);
    }
    return moved;
  }

  /** The bases of a pair's two reads, as they are added. */
  static byte[] joined(byte[] left, byte[] right) {
    byte[] both = Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, both, left.length, right.length);
    return both;
  }

  private static byte[] moved(Slice read, int bases) {
    int cut = Math.min(read.length(), Math.max(0, bases));
    byte[] moved = new byte[Math.max(0, -bases) + read.length() - cut];
    System.arraycopy(
        read.data(), read.start() + cut, moved, Math.max(0, -bases), read.length() - cut);
    return moved;
  }

  private void grow(int bytes) {
    if (size == leftLength.length) {
      start = Arrays.copyOf(start, size * 2 + 1);
      leftLength = Arrays.copyOf(leftLength, size * 2);
      leastLoss = Arrays.copyOf(leastLoss, size * 2);
      support = Arrays.copyOf(support, size * 2);
      hash = Arrays.copyOf(hash, size * 2);
    }
    if (start[size] + bytes > data.length) {
      data = Arrays.copyOf(data, Math.max(data.length * 2, start[size] + bytes));
    }
  }

  /** Puts the pairs in the order of their hashes and drops those beyond the cap. */
  void thin() {
    int[] order =
        IntStream.range(0, size)
            .boxed()
            .sorted((one, two) -> Long.compare(hash[one], hash[two]))
            .limit(cap)
            .mapToInt(Integer::intValue)
            .toArray();
    byte[] oldData = data;
    int[] oldStart = start;
    dropped += size - order.length;
    data = new byte[oldData.length];
    start = new int[oldStart.length];
    for (int i = 0; i < order.length; i++) {
      int bytes = oldStart[order[i] + 1] - oldStart[order[i]];
      System.arraycopy(oldData, oldStart[order[i]], data, start[i], bytes);
      start[i + 1] = start[i] + bytes;
    }
    leftLength = picked(leftLength, order);
    leastLoss = picked(leastLoss, order);
    support = picked(support, order);
    long[] oldHash = hash;
    hash = new long[oldHash.length];
    Arrays.setAll(hash, i -> i < order.length ? oldHash[order[i]] : 0);
    size = order.length;
    highest = size == cap ? hash[size - 1] : Long.MAX_VALUE;
  }

  private static int[] picked(int[] values, int[] order) {
    int[] result = new int[values.length];
    Arrays.setAll(result, i -> i < order.length ? values[order[i]] : 0);
    return result;
  }

  /** Pairs that were more than are weighed. */
  int dropped() {
    return dropped;
  }

  /** The number of a pair's supporting sequences. */
  int support(int pair) {
    return support[pair];
  }

  /** Hash of a pair's name. */
  long name(int pair) {
    return hash[pair];
  }

  /** Whether a gap was taken out of any pair. */
  boolean hasGaps() {
    return !gaps.isEmpty();
  }

  /** The sequences with a gap that a pair may be of, whose gap was taken out of it. */
  Optional<GapSearch.Fits> gap(int pair) {
    return Optional.ofNullable(gaps.get(hash[pair]));
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
