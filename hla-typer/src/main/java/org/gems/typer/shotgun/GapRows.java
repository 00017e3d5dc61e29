package org.gems.typer.shotgun;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * In which ways the rows of a feature have gaps. Few columns have a base in one row and a gap in
 * another, and a read reaches few of these: only there rows are compared. For several threads at
 * once.
 */
final class GapRows {
  private static final byte UNKNOWN = '*';
  private static final byte GAP = '.';
  private static final int[] NO_ROWS = {};
  private static final int STEP = 8;

  private final byte[][] rows;

  /** A row for each way in which rows have gaps, and bases where most rows have a gap. */
  private final int[] ways;

  /** Columns in which a row has a gap and another a base, in rising order. */
  private final int[] columns;

  /**
   * For stretches of these columns the first row of each look there. Rows that look alike in a long
   * stretch do so in a part of it: stretches begin and end at few places, and are found again.
   */
  private final Map<Long, int[]> looks = new ConcurrentHashMap<>();

  /**
   * The gaps of some rows.
   *
   * @param common what most rows have in each column
   */
  GapRows(byte[][] rows, byte[] common) {
    this.rows = rows;
    Set<ByteBuffer> seen = new HashSet<>();
    this.ways =
        IntStream.range(0, rows.length).filter(r -> seen.add(gaps(rows[r], common))).toArray();
    this.columns = columns(rows);
  }

  private static ByteBuffer gaps(byte[] row, byte[] common) {
    byte[] gaps = new byte[row.length];
    for (int c = 0; c < row.length; c++) {
      boolean isUsual = row[c] == UNKNOWN || (row[c] == GAP) == (common[c] == GAP);
      gaps[c] = isUsual ? 0 : row[c] == GAP ? (byte) 1 : row[c];
    }
    return ByteBuffer.wrap(gaps);
  }

  private static int[] columns(byte[][] rows) {
    boolean[] isGap = new boolean[rows[0].length];
    boolean[] isBase = new boolean[isGap.length];
    for (byte[] row : rows) {
      for (int c = 0; c < row.length; c++) {
        isGap[c] |= row[c] == GAP;
        isBase[c] |= row[c] != GAP && row[c] != UNKNOWN;
      }
    }
    return IntStream.range(0, isGap.length).filter(c -> isGap[c] && isBase[c]).toArray();
  }

  /**
   * Rows that have other gaps than a given one from one column up to and with another, and other
   * ones than each other: of rows that differ alike from the given one, the first.
   */
  int[] others(int row, int from, int to) {
    int low = firstFrom(from);
    int high = firstFrom(to + 1);
    if (low == high) {
      return NO_ROWS;
    }
    int wideLow = low / STEP * STEP;
    int wideHigh = Math.min(columns.length, (high + STEP - 1) / STEP * STEP);
    int[] all =
        looks.computeIfAbsent(
            (long) wideLow << Integer.SIZE | wideHigh, k -> looks(wideLow, wideHigh));
    int[] found = NO_ROWS;
    List<byte[]> seen = new ArrayList<>(all.length);
    for (int other : all) {
      byte[] differences = differences(rows[row], rows[other], low, high);
      if (differences != null && isNew(differences, seen)) {
        seen.add(differences);
        found = Arrays.copyOf(found, seen.size());
        found[seen.size() - 1] = other;
      }
    }
    return found;
  }

  /** Index of the first of the columns at or behind one. */
  private int firstFrom(int column) {
    int at = Arrays.binarySearch(columns, column);
    return at >= 0 ? at : -at - 1;
  }

  private int[] looks(int low, int high) {
    Set<ByteBuffer> seen = new HashSet<>();
    return IntStream.of(ways).filter(r -> seen.add(look(r, low, high))).toArray();
  }

  private ByteBuffer look(int row, int low, int high) {
    byte[] look = new byte[high - low];
    for (int i = low; i < high; i++) {
      look[i - low] = rows[row][columns[i]];
    }
    return ByteBuffer.wrap(look);
  }

  /** The other row's symbols where one of two has a gap and the other a base; null if nowhere. */
  private byte[] differences(byte[] own, byte[] other, int low, int high) {
    byte[] found = null;
    for (int i = low; i < high; i++) {
      byte one = own[columns[i]];
      byte two = other[columns[i]];
      if (one != UNKNOWN && two != UNKNOWN && (one == GAP) != (two == GAP)) {
        found = found == null ? new byte[high - low] : found;
        found[i - low] = two;
      }
    }
    return found;
  }

  private static boolean isNew(byte[] differences, List<byte[]> seen) {
    for (byte[] other : seen) {
      if (Arrays.equals(differences, other)) {
        return false;
      }
    }
    return true;
  }
}
