package org.gems.typer.evidence;

import java.util.Arrays;
import org.gems.typer.evidence.NearestSequences.Slice;

/** What became of a batch's pairs, in their order: found by one thread, taken over by another. */
public final class RoutedBatch {
  private static final int BP = 512;

  private final Filter[] lost;
  private final long[] name;
  private final int[] product;
  private final int[] leastLoss;
  private final boolean[] explained;
  private final int[] start;
  private final int[] leftLength;
  private final int[] rightLength;
  private final int[] supportStart;
  private final int[] supportEnd;
  private byte[] data;
  private int[] support;
  private int filled;
  private int supports;

  /** A batch of so many pairs, of which nothing is known yet. */
  RoutedBatch(int pairs) {
    lost = new Filter[pairs];
    name = new long[pairs];
    product = new int[pairs];
    leastLoss = new int[pairs];
    explained = new boolean[pairs];
    start = new int[pairs];
    leftLength = new int[pairs];
    rightLength = new int[pairs];
    supportStart = new int[pairs];
    supportEnd = new int[pairs];
    data = new byte[pairs * BP];
    support = new int[pairs * 8];
  }

  /** Notes that a filter stopped a pair. */
  void lose(int pair, Filter filter) {
    lost[pair] = filter;
  }

  /** Notes the product of a pair, of whose name the hash is given. */
  void send(int pair, long hash, int toProduct, int loss, boolean isExplained) {
    name[pair] = hash;
    product[pair] = toProduct;
    leastLoss[pair] = loss;
    explained[pair] = isExplained;
  }

  /** Keeps a pair's packed bases between the primers. */
  void reads(int pair, Slice left, Slice right) {
    int end = filled + left.length() + right.length();
    if (end > data.length) {
      data = Arrays.copyOf(data, Math.max(end, 2 * data.length));
    }
    System.arraycopy(left.data(), left.start(), data, filled, left.length());
    System.arraycopy(right.data(), right.start(), data, filled + left.length(), right.length());
    start[pair] = filled;
    leftLength[pair] = left.length();
    rightLength[pair] = right.length();
    filled = end;
  }

  /** Names the sequences that explain a pair about as well as the best. */
  void supports(int pair, int[] sequences, int count) {
    if (supports + count > support.length) {
      support = Arrays.copyOf(support, Math.max(supports + count, 2 * support.length));
    }
    System.arraycopy(sequences, 0, support, supports, count);
    supportStart[pair] = supports;
    supports += count;
    supportEnd[pair] = supports;
  }

  /** Adds the batch to a sample's evidence. */
  void addTo(SampleEvidence evidence) {
    for (int i = 0; i < lost.length; i++) {
      evidence.countPair();
      if (lost[i] != null) {
        evidence.lose(lost[i]);
      } else if (!explained[i]) {
        evidence.lose(Filter.NO_ALLELE_WITHIN_TOLERANCE);
        add(evidence.unexplained(product[i]), i, 0);
      } else if (evidence.isDecoy(product[i])) {
        evidence.takeDecoy(product[i], supports(i));
      } else {
        add(evidence.store(product[i]), i, evidence.supportId(supports(i)));
      }
    }
  }

  private void add(PairStore store, int i, int supportId) {
    store.add(name[i], data, start[i], leftLength[i], rightLength[i], leastLoss[i], supportId);
  }

  /** Pseudogenes' sequences are counted too: they may be parents of chimeras. */
  private int[] supports(int i) {
    return Arrays.copyOfRange(support, supportStart[i], supportEnd[i]);
  }
}
