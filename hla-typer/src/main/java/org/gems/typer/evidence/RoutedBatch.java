package org.gems.typer.evidence;

import java.util.Arrays;
import org.gems.typer.evidence.NearestSequences.Slice;

/** What became of a batch's pairs, in their order: found by one thread, taken over by another. */
public final class RoutedBatch {
  private static final int BP = 512;

  private final Filter[] lost;
  private final int[] product;
  private final int[] leastLoss;
  private final boolean[] explained;
  private final int[] start;
  private final int[] leftLength;
  private final int[] supportEnd;
  private byte[] data;
  private int[] support;
  private int size;
  private int supports;

  /** An empty batch of so many pairs at most. */
  RoutedBatch(int pairs) {
    lost = new Filter[pairs];
    product = new int[pairs];
    leastLoss = new int[pairs];
    explained = new boolean[pairs];
    start = new int[pairs + 1];
    leftLength = new int[pairs];
    supportEnd = new int[pairs + 1];
    data = new byte[pairs * BP];
    support = new int[pairs * 8];
  }

  /** Adds a pair that a filter stopped. */
  void lose(Filter filter) {
    lost[size] = filter;
    end();
  }

  /** Adds a pair of a product, to be followed by its reads. */
  void send(int toProduct, int loss, boolean isExplained) {
    product[size] = toProduct;
    leastLoss[size] = loss;
    explained[size] = isExplained;
  }

  /** Ends a pair with its packed bases between the primers. */
  void reads(Slice left, Slice right) {
    int at = start[size];
    int needed = at + left.length() + right.length();
    if (needed > data.length) {
      data = Arrays.copyOf(data, Math.max(needed, 2 * data.length));
    }
    System.arraycopy(left.data(), left.start(), data, at, left.length());
    System.arraycopy(right.data(), right.start(), data, at + left.length(), right.length());
    leftLength[size] = left.length();
    end();
    start[size] = needed;
  }

  private void end() {
    size++;
    start[size] = start[size - 1];
    supportEnd[size] = supports;
  }

  /** Names the sequences that explain the last pair about as well as the best. */
  void supports(int[] sequences, int count) {
    if (supports + count > support.length) {
      support = Arrays.copyOf(support, Math.max(supports + count, 2 * support.length));
    }
    System.arraycopy(sequences, 0, support, supports, count);
    supports += count;
    supportEnd[size] = supports;
  }

  /** Adds the batch to a sample's evidence. */
  void addTo(SampleEvidence evidence) {
    for (int i = 0; i < size; i++) {
      evidence.countPair();
      if (lost[i] != null) {
        evidence.lose(lost[i]);
      } else if (evidence.take(product[i], explained[i])) {
        int leftBp = leftLength[i];
        int rightBp = start[i + 1] - start[i] - leftBp;
        PairStore store =
            explained[i] ? evidence.store(product[i]) : evidence.unexplained(product[i]);
        store.add(data, start[i], leftBp, rightBp, leastLoss[i]);
        int[] counts = evidence.support(product[i]);
        for (int s = supportEnd[i]; s < supportEnd[i + 1]; s++) {
          counts[support[s]]++;
        }
      }
    }
  }
}
