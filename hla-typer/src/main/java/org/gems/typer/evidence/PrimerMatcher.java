package org.gems.typer.evidence;

import java.util.List;
import java.util.Optional;
import org.gems.typer.panel.PanelRow;
import org.gems.typer.reads.PackedPrimer;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Finds the panel rows whose primers open a pair, in either orientation. Every row within the
 * tolerance is kept, for primers of related genes are alike and the bases between them decide. Not
 * safe for use by several threads: its answer is overwritten by the next.
 */
public final class PrimerMatcher {
  private final PackedPrimer[] forward;
  private final PackedPrimer[] reverse;
  private final int maximumMismatches;
  private final int maximumShift;

  private final int[] rows;
  private final boolean[] firstIsForward;
  private final int[] mismatches;
  private final Side first = new Side();
  private final Side second = new Side();
  private int found;

  /** A matcher of a panel's primers. */
  public PrimerMatcher(List<PanelRow> panel, Ruleset ruleset) {
    forward =
        panel.stream().map(r -> new PackedPrimer(r.forwardPrimer())).toArray(PackedPrimer[]::new);
    reverse =
        panel.stream().map(r -> new PackedPrimer(r.reversePrimer())).toArray(PackedPrimer[]::new);
    maximumMismatches = ruleset.count(Threshold.PRIMER_MAXIMUM_MISMATCHES);
    maximumShift = ruleset.count(Threshold.PRIMER_MAXIMUM_SHIFT_BP);
    rows = new int[2 * forward.length];
    firstIsForward = new boolean[2 * forward.length];
    mismatches = new int[2 * forward.length];
  }

  /**
   * Looks for the primers of a pair, at each read's start first, then a few bases off.
   *
   * @return why no row fits, or empty where at least one does
   */
  public Optional<Filter> match(PackedRead firstRead, PackedRead secondRead) {
    found = 0;
    boolean anyFirst = first.settle(firstRead);
    boolean anySecond = second.settle(secondRead);
    if (!anyFirst || !anySecond) {
      return Optional.of(anyFirst || anySecond ? Filter.ONE_PRIMER : Filter.NO_PRIMER);
    }
    for (int row = 0; row < forward.length; row++) {
      if (first.opens(forward[row]) && second.opens(reverse[row])) {
        keep(row, true, first.mismatches(forward[row]) + second.mismatches(reverse[row]));
      }
      if (first.opens(reverse[row]) && second.opens(forward[row])) {
        keep(row, false, first.mismatches(reverse[row]) + second.mismatches(forward[row]));
      }
    }
    return found > 0 ? Optional.empty() : Optional.of(Filter.PRIMER_PAIR_MISMATCH);
  }

  /**
   * Keeps rows by rising mismatches: the likeliest first, so that the others are soon ruled out.
   */
  private void keep(int row, boolean forwardFirst, int rowMismatches) {
    int at = found++;
    while (at > 0 && mismatches[at - 1] > rowMismatches) {
      rows[at] = rows[at - 1];
      firstIsForward[at] = firstIsForward[at - 1];
      mismatches[at] = mismatches[at - 1];
      at--;
    }
    rows[at] = row;
    firstIsForward[at] = forwardFirst;
    mismatches[at] = rowMismatches;
  }

  /** Number of rows found by the last match. */
  public int found() {
    return found;
  }

  /** A row that was found. */
  public int row(int index) {
    return rows[index];
  }

  /** Whether the pair's first read begins with the forward primer of a row that was found. */
  public boolean firstIsForward(int index) {
    return firstIsForward[index];
  }

  /** Index of the first base after the forward primer in its read. */
  public int afterForward(int index) {
    int shift = firstIsForward[index] ? first.shift : second.shift;
    return Math.max(0, shift + forward[rows[index]].length());
  }

  /** Index of the first base after the reverse primer in its read. */
  public int afterReverse(int index) {
    int shift = firstIsForward[index] ? second.shift : first.shift;
    return Math.max(0, shift + reverse[rows[index]].length());
  }

  /** One read of the pair, and how far from its start its primer was found. */
  private final class Side {
    private PackedRead read;
    private int shift;
    private long start;

    /** Takes the nearest shift at which any primer opens the read. */
    boolean settle(PackedRead newRead) {
      read = newRead;
      for (int step = 0; step <= 2 * maximumShift; step++) {
        shift = (step & 1) == 1 ? (step + 1) / 2 : -step / 2;
        start = PackedPrimer.pack(read.packed(), read.length(), shift);
        for (int row = 0; row < forward.length; row++) {
          if (opens(forward[row]) || opens(reverse[row])) {
            return true;
          }
        }
      }
      return false;
    }

    boolean opens(PackedPrimer primer) {
      return mismatches(primer) <= maximumMismatches;
    }

    int mismatches(PackedPrimer primer) {
      int skipped = primer.skipped();
      long bits =
          skipped == 0 ? start : PackedPrimer.pack(read.packed(), read.length(), shift + skipped);
      return primer.mismatches(bits);
    }
  }
}
