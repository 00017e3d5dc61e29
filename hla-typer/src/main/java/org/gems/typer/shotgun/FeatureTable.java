package org.gems.typer.shotgun;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.gems.typer.library.LocusTable;

/**
 * The rows of one exon, intron or untranslated end, held by column: the symbol of most rows, and
 * the rows that have another. A read touches few columns and few rows differ there, so all rows are
 * scored at the price of the differences.
 */
final class FeatureTable {
  private static final byte UNKNOWN = '*';

  private final String name;
  private final byte[][] rows;
  private final int[] rowOf;
  private final byte[] common;
  private final int[][] otherRows;
  private final byte[] reference;
  private final int referenceIndex;
  private int[] gapRows;

  FeatureTable(String name, List<byte[]> rows, int[] rowOf, byte[] reference) {
    this.name = name;
    this.rows = rows.toArray(byte[][]::new);
    this.rowOf = rowOf;
    this.reference = reference;
    this.referenceIndex = indexOf(rows, reference);
    int columns = rows.get(0).length;
    this.common = new byte[columns];
    this.otherRows = new int[columns][];
    for (int c = 0; c < columns; c++) {
      common[c] = commonest(c);
      otherRows[c] = rowsWithout(common[c], c);
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

  private byte commonest(int column) {
    int[] counts = new int[128];
    for (byte[] row : rows) {
      counts[row[column]]++;
    }
    counts[UNKNOWN] = 0;
    int best = UNKNOWN;
    for (int symbol = 0; symbol < counts.length; symbol++) {
      best = counts[symbol] > counts[best] ? symbol : best;
    }
    return (byte) best;
  }

  private int[] rowsWithout(byte symbol, int column) {
    int[] found = new int[rows.length];
    int n = 0;
    for (int r = 0; r < rows.length; r++) {
      if (rows[r][column] != symbol) {
        found[n++] = r;
      }
    }
    return Arrays.copyOf(found, n);
  }

  String name() {
    return name;
  }

  boolean isExon() {
    return LocusTable.Feature.isExon(name);
  }

  int columns() {
    return common.length;
  }

  int rows() {
    return rows.length;
  }

  /** A row for each way in which rows have gaps, and bases where most rows have a gap. */
  synchronized int[] gapRows() {
    if (gapRows == null) {
      Set<ByteBuffer> seen = new HashSet<>();
      gapRows = IntStream.range(0, rows.length).filter(r -> seen.add(gaps(rows[r]))).toArray();
    }
    return gapRows;
  }

  private ByteBuffer gaps(byte[] row) {
    byte[] gaps = new byte[row.length];
    for (int c = 0; c < row.length; c++) {
      boolean isUsual = row[c] == UNKNOWN || (row[c] == '.') == (common[c] == '.');
      gaps[c] = isUsual ? 0 : row[c] == '.' ? (byte) 1 : row[c];
    }
    return ByteBuffer.wrap(gaps);
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
    int shared = 0;
    Arrays.fill(costs, 0, rows.length, 0);
    int end = read.firstFrom(firstColumn + columns());
    for (int i = read.firstFrom(firstColumn); i < end; i++) {
      int column = read.column(i) - firstColumn;
      int usual = cost(common[column], read, i, unstated);
      shared += usual;
      for (int row : otherRows[column]) {
        costs[row] += cost(rows[row][column], read, i, unstated) - usual;
      }
    }
    for (int r = 0; r < rows.length; r++) {
      costs[r] += shared;
    }
  }

  private static int cost(byte stated, Alignment read, int i, int unstated) {
    if (stated == UNKNOWN) {
      return Math.min(unstated, read.loss(i));
    }
    return stated == read.symbol(i) ? 0 : read.loss(i);
  }
}
