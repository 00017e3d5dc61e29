package org.gems.typer.shotgun;

/**
 * Walks along a gene, or along its message, from base to base, over gaps and the borders of
 * features. Where a row states nothing it goes on along the reference's.
 */
final class Cursor {
  private Gene gene;
  private Borders borders;
  private int feature;
  private int row;
  private int column;

  /** The row itself, and the gene's column of its first symbol. */
  private byte[] symbols;

  private int start;

  /** Stands on a feature's column of a row, to walk along the gene or along its message. */
  void place(Gene onGene, int onFeature, int onRow, int onColumn, boolean spliced) {
    gene = onGene;
    borders = onGene.borders(spliced);
    put(onFeature, onRow, onColumn);
  }

  private void put(int onFeature, int onRow, int onColumn) {
    feature = onFeature;
    row = onRow;
    column = onColumn;
    symbols = gene.features().get(onFeature).row(onRow);
    start = gene.firstColumn(onFeature);
  }

  /** The gene's column. */
  int column() {
    return start + column;
  }

  int row() {
    return row;
  }

  /** What the row states here. */
  byte symbol() {
    return symbols[column];
  }

  /**
   * Goes to the next base in a direction (1 or -1).
   *
   * @return false, and stays, where the gene ends or states nothing
   */
  boolean step(int direction) {
    int next = column + direction;
    if (next >= 0 && next < symbols.length && symbols[next] != '.' && symbols[next] != '*') {
      column = next;
      return true;
    }
    return stepOver(direction);
  }

  /** Over gaps, over a border, or where the row states nothing. */
  private boolean stepOver(int direction) {
    int f = feature;
    int r = row;
    int c = column + direction;
    while (true) {
      FeatureTable table = gene.features().get(f);
      if (c < 0 || c >= table.columns()) {
        r = borders.row(f, r, direction);
        if (r == Borders.END) {
          return false;
        }
        f = borders.feature(f, direction);
        c = direction > 0 ? 0 : gene.features().get(f).columns() - 1;
        continue;
      }
      if (table.row(r)[c] == '*') {
        r = table.referenceIndex();
        if (table.row(r)[c] == '*') {
          return false;
        }
      }
      if (table.row(r)[c] != '.') {
        put(f, r, c);
        return true;
      }
      c += direction;
    }
  }
}
