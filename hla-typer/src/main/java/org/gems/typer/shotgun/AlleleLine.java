package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an allele may have where a read lies, base by base, as far as the read's k-mers tell: each
 * k-mer's own row in its columns, beyond it the row of the nearest one. Which columns are gaps is
 * told by one row of each feature, which may be another allele's.
 */
final class AlleleLine {
  static final int NONE = -1;

  private final Cursor cursor = new Cursor();
  private final Map<RowOf, List<OtherGaps>> known = new HashMap<>();
  private int[] rowAt = new int[0];
  private int[] columns = new int[0];
  private int[] rows = new int[0];
  private byte[] symbols = new byte[0];
  private boolean[] usualBase = new boolean[0];
  private int[] usual = new int[0];
  private int[] gapsOf = new int[0];
  private Gene gene;
  private boolean spliced;
  private int from;
  private int to;

  private record RowOf(Gene gene, int feature, int row) {}

  /**
   * A row that has other gaps than a given one.
   *
   * @param differences columns of the feature in which it has, in rising order, each with its
   *     symbol there
   */
  record OtherGaps(int row, List<Difference> differences) {
    /** What differs from one column up to and with another. */
    List<Difference> within(int from, int to) {
      return differences.subList(firstFrom(from), firstFrom(to + 1));
    }

    /** Index of the first difference at or behind a column. */
    private int firstFrom(int column) {
      int low = 0;
      int high = differences.size();
      while (low < high) {
        int middle = (low + high) / 2;
        boolean isBefore = differences.get(middle).column() < column;
        low = isBefore ? middle + 1 : low;
        high = isBefore ? high : middle;
      }
      return low;
    }
  }

  /** A row's symbol where another has a gap, or its gap. */
  record Difference(int column, byte symbol) {}

  /** Takes the rows of a read's k-mers over. */
  void load(Gene onGene, int geneIndex, Hits hits, int k, boolean isSpliced) {
    gene = onGene;
    spliced = isSpliced;
    int features = gene.features().size();
    if (rowAt.length < gene.table().columns()) {
      rowAt = new int[gene.table().columns()];
    }
    Arrays.fill(rowAt, NONE);
    usual = filled(usual, features);
    gapsOf = filled(gapsOf, features);
    for (int h = 0; h < hits.count(geneIndex); h++) {
      long place = hits.place(geneIndex, h);
      int feature = KmerIndex.feature(place);
      usual[feature] = usual[feature] == NONE ? KmerIndex.row(place) : usual[feature];
      cursor.place(
          gene, feature, KmerIndex.row(place), KmerIndex.column(place), KmerIndex.isSpliced(place));
      for (int i = 0; i < k && rowAt[cursor.column()] == NONE; i++) {
        rowAt[cursor.column()] = cursor.row();
        if (!cursor.step(1)) {
          break;
        }
      }
    }
  }

  private static int[] filled(int[] array, int size) {
    int[] found = array.length < size ? new int[size] : array;
    Arrays.fill(found, NONE);
    return found;
  }

  /** Names the row whose gaps a feature has; {@link #NONE} for its k-mers' own. */
  void takeGaps(int feature, int row) {
    gapsOf[feature] = row;
  }

  /** The row that a feature's first k-mer names, or {@link #NONE}. */
  int usualRow(int feature) {
    return usual[feature];
  }

  /** Writes the line in both directions from a column, at most so many bases. */
  void walk(int column, int before, int behind) {
    int room = before + behind + 1;
    if (columns.length < room) {
      columns = new int[room];
      rows = new int[room];
      symbols = new byte[room];
      usualBase = new boolean[room];
    }
    int feature = gene.featureAt(column);
    int start = column - gene.firstColumn(feature);
    to = before;
    go(feature, start, 1, room);
    from = before;
    go(feature, start, -1, room);
  }

  private void go(int feature, int start, int direction, int room) {
    int f = feature;
    int own = defaultRow(f, 0);
    int c = direction > 0 ? start : start - 1;
    boolean isEnd = false;
    while (!isEnd && (direction > 0 ? to < room : from > 0)) {
      FeatureTable table = gene.features().get(f);
      if (c < 0 || c >= table.columns()) {
        int next = gene.borders(spliced).feature(f, direction);
        int nextRow = gene.borders(spliced).row(f, own, direction);
        isEnd = nextRow == Borders.END;
        if (!isEnd) {
          own = defaultRow(next, nextRow);
          f = next;
          c = direction > 0 ? 0 : gene.features().get(f).columns() - 1;
        }
      } else {
        int known = rowAt[gene.firstColumn(f) + c];
        own = known == NONE ? own : known;
        isEnd = !write(f, own, c, direction);
        c += direction;
      }
    }
  }

  private int defaultRow(int feature, int byBorder) {
    return usual[feature] != NONE ? usual[feature] : byBorder;
  }

  /** Writes a column's base, if it is no gap; false where the gene states nothing. */
  private boolean write(int f, int own, int c, int direction) {
    FeatureTable table = gene.features().get(f);
    int gaps = gapsOf[f] == NONE ? Math.max(0, usual[f]) : gapsOf[f];
    byte other = usual[f] == NONE && gapsOf[f] == NONE ? (byte) '*' : table.row(gaps)[c];
    int row = table.row(own)[c] == '*' ? table.referenceIndex() : own;
    byte symbol = table.row(row)[c];
    boolean isGap = other == '.' || (other == '*' && symbol == '.');
    if (isGap) {
      return true;
    }
    if (symbol == '.') {
      row = gaps;
      symbol = other;
    }
    if (symbol == '*') {
      return false;
    }
    int x = direction > 0 ? to++ : --from;
    columns[x] = gene.firstColumn(f) + c;
    rows[x] = row;
    symbols[x] = symbol;
    usualBase[x] = table.common(c) == symbol;
    return true;
  }

  /** Whether the line has a base at an index. */
  boolean has(int x) {
    return x >= from && x < to;
  }

  int column(int x) {
    return columns[x];
  }

  int row(int x) {
    return rows[x];
  }

  byte symbol(int x) {
    return symbols[x];
  }

  /** Whether most alleles have the line's base. */
  boolean isUsual(int x) {
    return usualBase[x];
  }

  /** The index of a column; negative where the line has a gap there or does not reach it. */
  int find(int column) {
    return Arrays.binarySearch(columns, from, to, column);
  }

  /** The gaps that other rows have in a feature, and a row has not, or the other way round. */
  List<OtherGaps> otherGaps(int feature, int row) {
    return known.computeIfAbsent(
        new RowOf(gene, feature, row), of -> otherGaps(gene.features().get(feature), row));
  }

  private static List<OtherGaps> otherGaps(FeatureTable table, int own) {
    Set<List<Difference>> seen = new HashSet<>();
    List<OtherGaps> found = new ArrayList<>();
    byte[] ownRow = table.row(own);
    for (int r : table.gapRows()) {
      byte[] row = table.row(r);
      List<Difference> differences = new ArrayList<>();
      for (int c = 0; c < row.length; c++) {
        boolean isStated = row[c] != '*' && ownRow[c] != '*';
        if (isStated && (row[c] == '.') != (ownRow[c] == '.')) {
          differences.add(new Difference(c, row[c]));
        }
      }
      if (!differences.isEmpty() && seen.add(differences)) {
        found.add(new OtherGaps(r, List.copyOf(differences)));
      }
    }
    return found;
  }
}
