package org.gems.typer.shotgun;

import java.util.Arrays;
import java.util.List;
import org.gems.typer.library.LocusTable;

/**
 * The rows of one exon, intron or untranslated end, held by column: the symbol of most rows, and
 * the rows that have another. A read touches few columns and few rows differ there, so all rows are
 * scored at the price of the differences.
 */
final class FeatureTable {
  private static final byte UNKNOWN = '*';
  private static final int SYMBOLS = 128;
  private static final int BLOCK = 64;

  private final String name;
  private final boolean isExon;
  private final byte[][] rows;
  private final int[] rowOf;
  private final byte[] common;

  /** For each column the rows without the commonest symbol, and what they have there. */
  private final char[][] otherRows;

  private final byte[][] otherSymbols;

  /** For each column a bit for each symbol that any row has there. */
  private final long[] stated;

  private final byte[] reference;
  private final int referenceIndex;
  private volatile GapRows gapRows;

  FeatureTable(String name, List<byte[]> rows, int[] rowOf, byte[] reference) {
    this.name = name;
    this.isExon = LocusTable.Feature.isExon(name);
    this.rows = rows.toArray(byte[][]::new);
    this.rowOf = rowOf;
    this.reference = reference;
    this.referenceIndex = indexOf(rows, reference);
    int columns = rows.get(0).length;
    this.common = new byte[columns];
    this.otherRows = new char[columns][];
    this.otherSymbols = new byte[columns][];
    this.stated = new long[columns];
    for (int from = 0; from < columns; from += BLOCK) {
      compare(from, Math.min(columns, from + BLOCK));
    }
  }

  /** Some columns at once, for they stand side by side in each row. */
  private void compare(int from, int to) {
    int[][] counts = new int[to - from][SYMBOLS];
    for (byte[] row : rows) {
      for (int c = from; c < to; c++) {
        counts[c - from][row[c]]++;
      }
    }
    for (int c = from; c < to; c++) {
      common[c] = commonest(counts[c - from]);
      int others = rows.length - counts[c - from][common[c]];
      otherRows[c] = new char[others];
      otherSymbols[c] = new byte[others];
      stated[c] = bit(common[c]);
    }
    int[] known = new int[to - from];
    for (int r = 0; r < rows.length; r++) {
      for (int c = from; c < to; c++) {
        byte symbol = rows[r][c];
        if (symbol != common[c]) {
          int n = known[c - from]++;
          otherRows[c][n] = (char) r;
          otherSymbols[c][n] = symbol;
          stated[c] |= bit(symbol);
        }
      }
    }
  }

  /** The row itself; where filling changed it, the first one. */
  private static int indexOf(List<byte[]> rows, byte[] wanted) {
    for (int r = 0; r < rows.size(); r++) {
      if (Arrays.equals(rows.get(r), wanted)) {
        return r;
      }
    }
    return 0;
  }

  /** The commonest symbol, but for stars among others. */
  private static byte commonest(int[] counts) {
    int best = UNKNOWN;
    for (int symbol = 0; symbol < counts.length; symbol++) {
      boolean isMore = best == UNKNOWN ? counts[symbol] > 0 : counts[symbol] > counts[best];
      best = isMore && symbol != UNKNOWN ? symbol : best;
    }
    return (byte) best;
  }

  /** Of letters, gap and star: the low six bits of their codes are all different. */
  private static long bit(byte symbol) {
    return 1L << symbol;
  }

  String name() {
    return name;
  }

  boolean isExon() {
    return isExon;
  }

  int columns() {
    return common.length;
  }

  int rows() {
    return rows.length;
  }

  /** In which ways its rows have gaps; made when a read first asks. */
  GapRows gapRows() {
    GapRows known = gapRows;
    return known == null ? makeGapRows() : known;
  }

  private synchronized GapRows makeGapRows() {
    if (gapRows == null) {
      gapRows = new GapRows(rows, common);
    }
    return gapRows;
  }

  /** What most rows have in a column. */
  byte common(int column) {
    return common[column];
  }

  byte[] row(int index) {
    return rows[index];
  }

  /** The row of the library's reference allele, which states every base. */
  byte[] reference() {
    return reference;
  }

  /** The number of that row. */
  int referenceIndex() {
    return referenceIndex;
  }

  int rowOf(int allele) {
    return rowOf[allele];
  }

  /**
   * What a read's bases in these columns cost each row, in thousandths of a natural logarithm.
   *
   * @param unstated the cost of a base where a row states none
   * @param costs one number a row, overwritten
   */
  void score(Alignment read, int firstColumn, int unstated, int[] costs) {
    Arrays.fill(costs, 0, rows.length, 0);
    addScore(read, firstColumn, unstated, costs);
  }

  /** The same, added to what other reads cost. */
  void addScore(Alignment read, int firstColumn, int unstated, int[] costs) {
    int shared = 0;
    int end = read.firstFrom(firstColumn + columns());
    for (int i = read.firstFrom(firstColumn); i < end; i++) {
      int column = read.column(i) - firstColumn;
      byte symbol = read.symbol(i);
      int loss = read.loss(i);
      int open = Math.min(unstated, loss);
      int usual = cost(common[column], symbol, loss, open);
      shared += usual;
      char[] others = otherRows[column];
      byte[] symbols = otherSymbols[column];
      for (int r = 0; r < others.length; r++) {
        byte other = symbols[r];
        costs[others[r]] += (other == symbol ? 0 : other == UNKNOWN ? open : loss) - usual;
      }
    }
    for (int r = 0; shared != 0 && r < rows.length; r++) {
      costs[r] += shared;
    }
  }

  /** What a read costs at the least, were there a row that is in each column as any row is. */
  int floor(Alignment read, int firstColumn, int unstated) {
    int floor = 0;
    int end = read.firstFrom(firstColumn + columns());
    for (int i = read.firstFrom(firstColumn); i < end; i++) {
      floor += floor(read, i, read.column(i) - firstColumn, unstated);
    }
    return floor;
  }

  private int floor(Alignment read, int i, int column, int unstated) {
    if ((stated[column] & bit(read.symbol(i))) != 0) {
      return 0;
    }
    boolean isOpen = (stated[column] & bit(UNKNOWN)) != 0;
    return isOpen ? Math.min(unstated, read.loss(i)) : read.loss(i);
  }

  /** Whether a row costs a read no more than the floor; most others show soon that they do. */
  boolean isAtFloor(Alignment read, int firstColumn, int unstated, int row) {
    byte[] own = rows[row];
    int end = read.firstFrom(firstColumn + columns());
    for (int i = read.firstFrom(firstColumn); i < end; i++) {
      int column = read.column(i) - firstColumn;
      byte symbol = read.symbol(i);
      if (own[column] != symbol) {
        int loss = read.loss(i);
        int cost = own[column] == UNKNOWN ? Math.min(unstated, loss) : loss;
        if (cost > floor(read, i, column, unstated)) {
          return false;
        }
      }
    }
    return true;
  }

  private static int cost(byte stated, byte symbol, int loss, int open) {
    return stated == symbol ? 0 : stated == UNKNOWN ? open : loss;
  }
}
