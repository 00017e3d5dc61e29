package org.gems.typer.shotgun;

import java.util.Arrays;

/**
 * What an allele may have where a read lies, base by base, as far as the read's k-mers tell: each
 * k-mer's own row in its columns, beyond it the row of the nearest one. Which columns are gaps is
 * told by one row of each feature, which may be another allele's.
 */
final class AlleleLine {
  static final int NONE = -1;

  private static final byte UNKNOWN = '*';
  private static final byte GAP = '.';

  private final Cursor cursor = new Cursor();
  private int[] rowAt = new int[0];
  private int[] known = new int[256];
  private int knownColumns;
  private int[] columns = new int[0];
  private int[] rows = new int[0];
  private byte[] symbols = new byte[0];
  private boolean[] usualBase = new boolean[0];
  private int[] usual = new int[0];
  private int[] gapsOf = new int[0];
  private Gene gene;
  private boolean spliced;
  private int feature;
  private int start;
  private int from;
  private int to;

  /** Takes the rows of a read's k-mers over. */
  void load(Gene onGene, int geneIndex, Hits hits, int k, boolean isSpliced) {
    forget();
    gene = onGene;
    spliced = isSpliced;
    int features = gene.features().size();
    if (rowAt.length < gene.table().columns()) {
      rowAt = new int[gene.table().columns()];
      Arrays.fill(rowAt, NONE);
    }
    usual = filled(usual, features);
    gapsOf = filled(gapsOf, features);
    for (int h = 0; h < hits.count(geneIndex); h++) {
      long place = hits.place(geneIndex, h);
      int itsFeature = KmerIndex.feature(place);
      usual[itsFeature] = usual[itsFeature] == NONE ? KmerIndex.row(place) : usual[itsFeature];
      cursor.place(
          gene,
          itsFeature,
          KmerIndex.row(place),
          KmerIndex.column(place),
          KmerIndex.isSpliced(place));
      for (int i = 0; i < k && rowAt[cursor.column()] == NONE; i++) {
        know(cursor.column(), cursor.row());
        if (!cursor.step(1)) {
          break;
        }
      }
    }
  }

  /** A gene has many more columns than a read: only those of the last read are emptied. */
  private void forget() {
    for (int i = 0; i < knownColumns; i++) {
      rowAt[known[i]] = NONE;
    }
    knownColumns = 0;
  }

  private void know(int column, int row) {
    if (knownColumns == known.length) {
      known = Arrays.copyOf(known, knownColumns * 2);
    }
    known[knownColumns++] = column;
    rowAt[column] = row;
  }

  private static int[] filled(int[] array, int size) {
    int[] found = array.length < size ? new int[size] : array;
    Arrays.fill(found, NONE);
    return found;
  }

  /** Names the row whose gaps a feature has; {@link #NONE} for its k-mers' own. */
  void takeGaps(int ofFeature, int row) {
    gapsOf[ofFeature] = row;
  }

  /** The row that a feature's first k-mer names, or {@link #NONE}. */
  int usualRow(int ofFeature) {
    return usual[ofFeature];
  }

  /**
   * Writes the line from a column on.
   *
   * @param index that the column's base gets
   * @param end no index is as high as this
   */
  void writeOnward(int column, int index, int end) {
    if (columns.length < end) {
      columns = new int[end];
      rows = new int[end];
      symbols = new byte[end];
      usualBase = new boolean[end];
    }
    feature = gene.featureAt(column);
    start = column - gene.firstColumn(feature);
    from = index;
    to = index;
    go(1, end);
  }

  /**
   * Writes the line from where it begins in the other direction.
   *
   * @param least no index is lower than this
   */
  void writeBack(int least) {
    go(-1, least);
  }

  private void go(int direction, int limit) {
    Borders borders = gene.borders(spliced);
    int f = feature;
    int own = defaultRow(f, 0);
    int c = direction > 0 ? start : start - 1;
    while (direction > 0 ? to < limit : from > limit) {
      if (c < 0 || c >= gene.features().get(f).columns()) {
        int nextRow = borders.row(f, own, direction);
        if (nextRow == Borders.END) {
          return;
        }
        f = borders.feature(f, direction);
        own = defaultRow(f, nextRow);
        c = direction > 0 ? 0 : gene.features().get(f).columns() - 1;
      } else {
        own = goInside(f, own, c, direction, limit);
        if (own == NONE) {
          return;
        }
        c = direction > 0 ? gene.features().get(f).columns() : -1;
      }
    }
  }

  private int defaultRow(int ofFeature, int byBorder) {
    return usual[ofFeature] != NONE ? usual[ofFeature] : byBorder;
  }

  /**
   * Writes a feature's bases from a column to its end, as far as the gene states them and the limit
   * allows.
   *
   * @return the row at its end; {@link #NONE} where the gene states nothing any more
   */
  private int goInside(int f, int ownRow, int firstInside, int direction, int limit) {
    FeatureTable table = gene.features().get(f);
    int first = gene.firstColumn(f);
    int gaps = gapsOf[f] == NONE ? Math.max(0, usual[f]) : gapsOf[f];
    byte[] gapRow = usual[f] == NONE && gapsOf[f] == NONE ? null : table.row(gaps);
    byte[] reference = table.row(table.referenceIndex());
    int own = ownRow;
    byte[] ownRowsBases = table.row(own);
    int x = direction > 0 ? to : from - 1;
    int last = direction > 0 ? limit : limit - 1;
    for (int c = firstInside; c >= 0 && c < table.columns() && x != last; c += direction) {
      int told = rowAt[first + c];
      if (told != NONE && told != own) {
        own = told;
        ownRowsBases = table.row(own);
      }
      int row = own;
      byte symbol = ownRowsBases[c];
      if (symbol == UNKNOWN) {
        row = table.referenceIndex();
        symbol = reference[c];
      }
      byte other = gapRow == null ? UNKNOWN : gapRow[c];
      if (other == GAP || (other == UNKNOWN && symbol == GAP)) {
        continue;
      }
      if (symbol == GAP) {
        row = gaps;
        symbol = other;
      }
      if (symbol == UNKNOWN) {
        own = NONE;
        break;
      }
      columns[x] = first + c;
      rows[x] = row;
      symbols[x] = symbol;
      usualBase[x] = table.common(c) == symbol;
      x += direction;
    }
    if (direction > 0) {
      to = x;
    } else {
      from = x + 1;
    }
    return own;
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
}
