package org.gems.typer.shotgun;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The k-mers of a gene's alleles: those inside a feature's rows, and those over its borders. */
final class GeneKmers {
  private final int k;
  private final int geneIndex;
  private final List<FeatureTable> features;
  private final int alleles;
  private final KmerPlaces found = new KmerPlaces(1 << 13);
  private final Roll roll;

  private GeneKmers(int k, int geneIndex, Gene gene) {
    this.k = k;
    this.geneIndex = geneIndex;
    this.features = gene.features();
    this.alleles = gene.table().alleles().size();
    this.roll = new Roll(k);
  }

  /** All k-mers of a gene with the first place of each. */
  static KmerPlaces of(int k, int geneIndex, Gene gene) {
    GeneKmers kmers = new GeneKmers(k, geneIndex, gene);
    for (int f = 0; f < kmers.features.size(); f++) {
      for (int row = 0; row < kmers.features.get(f).rows(); row++) {
        kmers.inside(f, row);
      }
    }
    kmers.overBorders(gene.borders(false).chain(), false);
    kmers.overBorders(gene.borders(true).chain(), true);
    return kmers.found;
  }

  /** A row's k-mers, but for those that it shares, in place, with the first row. */
  private void inside(int featureIndex, int rowIndex) {
    byte[] row = features.get(featureIndex).row(rowIndex);
    byte[] first = features.get(featureIndex).row(0);
    int lastDifference = -1;
    roll.clear();
    for (int c = 0; c < row.length; c++) {
      lastDifference = row[c] != first[c] ? c : lastDifference;
      roll.add(row[c], c);
      if (row[c] != '.' && roll.isFull()) {
        int from = roll.first();
        if (rowIndex == 0 || from <= lastDifference) {
          found.add(roll.key(), KmerIndex.place(geneIndex, featureIndex, false, rowIndex, from));
        }
      }
    }
  }

  /** K-mers that begin in a feature of a chain and end beyond it. */
  private void overBorders(int[] chain, boolean spliced) {
    for (int i = 0; i < chain.length; i++) {
      overBorder(chain, i, lastTouched(chain, i), spliced);
    }
  }

  /** Once for all alleles that are alike there. */
  private void overBorder(int[] chain, int first, int last, boolean spliced) {
    Set<List<Integer>> known = new HashSet<>();
    for (int a = 0; a < alleles && last > first; a++) {
      Integer[] rows = new Integer[last - first + 1];
      for (int i = first; i <= last; i++) {
        rows[i - first] = features.get(chain[i]).rowOf(a);
      }
      List<Integer> key = List.of(rows);
      if (known.add(key)) {
        overBorder(chain, first, key, spliced);
      }
    }
  }

  /** The place in a chain at which the last k-mer that begins in a feature ends. */
  private int lastTouched(int[] chain, int first) {
    int bases = 0;
    int last = first;
    while (bases < k - 1
        && last + 1 < chain.length
        && features.get(chain[last + 1]).columns() > 0) {
      last++;
      for (byte symbol : features.get(chain[last]).reference()) {
        bases += symbol == '.' ? 0 : 1;
      }
    }
    return last;
  }

  private void overBorder(int[] chain, int first, List<Integer> rows, boolean spliced) {
    byte[] own = features.get(chain[first]).row(rows.get(0));
    int from = tail(own);
    roll.clear();
    for (int c = from; c < own.length; c++) {
      roll.add(own[c], c);
    }
    for (int next = 1; next < rows.size(); next++) {
      byte[] row = features.get(chain[first + next]).row(rows.get(next));
      for (byte symbol : row) {
        roll.add(symbol, own.length);
        if (symbol != '.' && roll.isFull()) {
          if (roll.first() >= own.length) {
            return;
          }
          long place = KmerIndex.place(geneIndex, chain[first], spliced, rows.get(0), roll.first());
          found.add(roll.key(), place);
        }
      }
    }
  }

  /** The column from which a row has one base less than a k-mer. */
  private int tail(byte[] row) {
    int bases = 0;
    int from = row.length;
    while (from > 0 && bases < k - 1) {
      from--;
      bases += row[from] == '.' ? 0 : 1;
    }
    return from;
  }

  /** The last k bases that were added, and the columns they stand in. */
  private static final class Roll {
    private final int k;
    private final long mask;
    private final int[] columns;
    private int bases;
    private long key;

    Roll(int k) {
      this.k = k;
      this.mask = (1L << (2 * k)) - 1;
      this.columns = new int[k];
    }

    void clear() {
      bases = 0;
    }

    /** Adds a symbol; gaps are passed over, anything unknown begins anew. */
    void add(byte symbol, int column) {
      int code = KmerIndex.code(symbol);
      if (code < 0) {
        bases = symbol == '.' ? bases : 0;
        return;
      }
      key = ((key << 2) | code) & mask;
      columns[bases % k] = column;
      bases++;
    }

    boolean isFull() {
      return bases >= k;
    }

    long key() {
      return key;
    }

    /** The column of the first of the k bases. */
    int first() {
      return columns[bases % k];
    }
  }
}
