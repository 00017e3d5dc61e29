package org.gems.typer.shotgun;

import java.util.Arrays;
import org.gems.typer.reads.QualityModel;

/**
 * Lays a read on a gene's columns: each k-mer by the row it is known from, the bases between and
 * beyond them along the row of the nearest k-mer, as far as that is stated.
 */
final class Aligner {
  /** Alignments leave gaps for insertions of few alleles; a repeat lies farther away. */
  private static final int MAXIMUM_SHIFT = 150;

  private final QualityModel qualities;
  private int[] column = new int[256];
  private int[] row = new int[256];
  private int[] shifts = new int[256];

  Aligner(QualityModel qualities) {
    this.qualities = qualities;
  }

  /** The read on the columns of a gene; the bases that have no column are left out. */
  Alignment align(Strand read, Gene gene, int geneIndex, Hits hits, int k) {
    prepare(read.length());
    layKmers(gene, geneIndex, hits, k);
    extendRight(read.length(), gene);
    extendLeft(read.length(), gene);
    return written(read, gene);
  }

  private void prepare(int length) {
    if (length > column.length) {
      column = new int[length];
      row = new int[length];
    }
    Arrays.fill(column, 0, length, -1);
  }

  private void layKmers(Gene gene, int geneIndex, Hits hits, int k) {
    int shift = commonestShift(gene, geneIndex, hits);
    for (int h = 0; h < hits.count(geneIndex); h++) {
      long place = hits.place(geneIndex, h);
      int from = hits.offset(geneIndex, h);
      int start = gene.start(KmerIndex.feature(place)) + KmerIndex.column(place);
      boolean laid = column[from] >= 0 && column[from + k - 1] >= 0;
      if (!laid && Math.abs(start - from - shift) <= MAXIMUM_SHIFT) {
        layKmer(gene, place, from, k);
      }
    }
  }

  private int commonestShift(Gene gene, int geneIndex, Hits hits) {
    int n = hits.count(geneIndex);
    shifts = n > shifts.length ? new int[n * 2] : shifts;
    for (int h = 0; h < n; h++) {
      long place = hits.place(geneIndex, h);
      int start = gene.start(KmerIndex.feature(place)) + KmerIndex.column(place);
      shifts[h] = start - hits.offset(geneIndex, h);
    }
    Arrays.sort(shifts, 0, n);
    if (shifts[n - 1] - shifts[0] <= MAXIMUM_SHIFT) {
      return shifts[n / 2];
    }
    int best = 0;
    int most = 0;
    for (int from = 0, to = 0; to < n; to++) {
      while (shifts[to] - shifts[from] > MAXIMUM_SHIFT) {
        from++;
      }
      if (to - from + 1 > most) {
        most = to - from + 1;
        best = shifts[(from + to) / 2];
      }
    }
    return best;
  }

  private void layKmer(Gene gene, long place, int from, int k) {
    int feature = KmerIndex.feature(place);
    FeatureTable table = gene.features().get(feature);
    int start = gene.start(feature);
    byte[] symbols = table.row(KmerIndex.row(place));
    int c = KmerIndex.column(place);
    for (int i = from; i < from + k; i++) {
      while (symbols[c] == '.') {
        c++;
      }
      if (column[i] < 0 && (i == 0 || column[i - 1] < start + c)) {
        column[i] = start + c;
        row[i] = KmerIndex.row(place);
      }
      c++;
    }
  }

  private void extendRight(int length, Gene gene) {
    for (int i = 1; i < length; i++) {
      if (column[i] < 0 && column[i - 1] >= 0) {
        int after = i + 1;
        while (after < length && column[after] < 0) {
          after++;
        }
        int found = step(gene, i - 1, 1);
        if (found >= 0 && (after == length || found < column[after])) {
          column[i] = found;
          row[i] = row[i - 1];
        }
      }
    }
  }

  private void extendLeft(int length, Gene gene) {
    for (int i = length - 2; i >= 0; i--) {
      if (column[i] < 0 && column[i + 1] >= 0) {
        int before = i - 1;
        while (before >= 0 && column[before] < 0) {
          before--;
        }
        int found = step(gene, i + 1, -1);
        if (found >= 0 && (before < 0 || found > column[before])) {
          column[i] = found;
          row[i] = row[i + 1];
        }
      }
    }
  }

  /** The next stated column of a base's row in a direction, or -1 at its feature's end. */
  private int step(Gene gene, int base, int direction) {
    int feature = gene.featureAt(column[base]);
    byte[] symbols = gene.features().get(feature).row(row[base]);
    int c = column[base] - gene.start(feature) + direction;
    while (c >= 0 && c < symbols.length && symbols[c] == '.') {
      c += direction;
    }
    boolean stated = c >= 0 && c < symbols.length && symbols[c] != '*';
    return stated ? gene.start(feature) + c : -1;
  }

  private Alignment written(Strand read, Gene gene) {
    Alignment alignment = new Alignment(read.length() + 1);
    int last = -1;
    for (int i = 0; i < read.length(); i++) {
      if (column[i] < 0) {
        continue;
      }
      float penalty = read.base(i) == 'N' ? 0 : qualities.penalty(read.quality(i));
      if (last >= 0 && last == i - 1) {
        gaps(alignment, gene, column[last], column[i], penalty);
      }
      alignment.add(column[i], read.base(i), penalty);
      last = i;
    }
    return alignment;
  }

  /** Columns that the read steps over inside one feature are gaps in it. */
  private static void gaps(Alignment into, Gene gene, int from, int to, float penalty) {
    if (to > from + 1 && gene.featureAt(from) == gene.featureAt(to)) {
      for (int c = from + 1; c < to; c++) {
        into.add(c, (byte) '.', penalty);
      }
    }
  }
}
