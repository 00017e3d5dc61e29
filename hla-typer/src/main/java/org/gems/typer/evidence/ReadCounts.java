package org.gems.typer.evidence;

import java.util.List;

/** How many pairs a sample has, and where they were lost. */
public interface ReadCounts {
  /**
   * Pairs that one filter stopped.
   *
   * @param filter its name in results
   * @param meaning why it stops a pair, for people
   */
  record Loss(String filter, int pairs, String meaning) {}

  /** Pairs read. */
  int pairs();

  /** Pairs lost at each filter, none left out, in the order in which pairs pass. */
  List<Loss> losses();

  /** Pairs that no filter stopped. */
  default int usedPairs() {
    return pairs() - losses().stream().mapToInt(Loss::pairs).sum();
  }
}
