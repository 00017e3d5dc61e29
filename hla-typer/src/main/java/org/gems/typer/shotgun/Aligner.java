package org.gems.typer.shotgun;

import java.util.Arrays;
import org.gems.typer.reads.QualityModel;

/**
 * Lays a read on a gene's columns: each k-mer by the row it is known from, the bases between and
 * beyond them along the row of the nearest k-mer, as far as that is stated. Columns always rise
 * along a read; of k-mers that contradict each other those of the commonest offset win.
 */
final class Aligner {
  /** Alignments leave gaps for insertions of few alleles; a repeat lies farther away. */
  private static final int MAXIMUM_SHIFT = 150;

  private final QualityModel qualities;
  private final Cursor cursor = new Cursor();
  private int[] column = new int[256];
  private int[] row = new int[256];
  private int[] shifts = new int[256];
  private Strand read;
  private Gene gene;
  private int length;

  Aligner(QualityModel qualities) {
    this.qualities = qualities;
  }

  /** The read on the columns of a gene; the bases that have no column are left out. */
  Alignment align(Strand strand, Gene onGene, int geneIndex, Hits hits, int k) {
    read = strand;
    gene = onGene;
    length = strand.length();
    prepare();
    layKmers(geneIndex, hits, k);
    fillBetween();
    extend(1);
    extend(-1);
    return written();
  }

  private void prepare() {
    if (length > column.length) {
      column = new int[length];
      row = new int[length];
    }
    Arrays.fill(column, 0, length, -1);
  }

  /** K-mers of the commonest offset first, then the others as far as they agree with them. */
  private void layKmers(int geneIndex, Hits hits, int k) {
    int common = commonestShift(geneIndex, hits);
    for (boolean same : new boolean[] {true, false}) {
      int next = 0;
      for (int h = 0; h < hits.count(geneIndex); h++) {
        int from = hits.offset(geneIndex, h);
        int shift = shift(hits, geneIndex, h);
        boolean laid = column[from] >= 0 && column[from + k - 1] >= 0;
        boolean isNear = Math.abs(shift - common) <= MAXIMUM_SHIFT;
        if (from >= next && !laid && (shift == common) == same && isNear) {
          layKmer(hits.place(geneIndex, h), from, from + k);
          next = from + k / 2;
        }
      }
    }
  }

  private int shift(Hits hits, int geneIndex, int h) {
    long place = hits.place(geneIndex, h);
    int start = gene.start(KmerIndex.feature(place)) + KmerIndex.column(place);
    return start - hits.offset(geneIndex, h);
  }

  /** The offset of most k-mers, the least of equals. */
  private int commonestShift(int geneIndex, Hits hits) {
    int n = hits.count(geneIndex);
    shifts = n > shifts.length ? new int[n * 2] : shifts;
    for (int h = 0; h < n; h++) {
      shifts[h] = shift(hits, geneIndex, h);
    }
    Arrays.sort(shifts, 0, n);
    int best = shifts[0];
    int most = 0;
    int run = 0;
    for (int i = 0; i < n; i++) {
      run = i > 0 && shifts[i] == shifts[i - 1] ? run + 1 : 1;
      if (run > most) {
        most = run;
        best = shifts[i];
      }
    }
    return best;
  }

  private void layKmer(long place, int from, int to) {
    int left = from - 1;
    while (left >= 0 && column[left] < 0) {
      left--;
    }
    int right = nextLaid(from);
    int feature = KmerIndex.feature(place);
    cursor.place(gene, feature, KmerIndex.row(place), KmerIndex.column(place));
    if (left >= 0 && column[left] >= cursor.column()) {
      return;
    }
    for (int i = from; i < to; i++) {
      if (i == right) {
        if (column[i] != cursor.column()) {
          return;
        }
        right = nextLaid(i + 1);
      } else if (right < length && column[right] <= cursor.column()) {
        return;
      } else {
        lay(i);
      }
      if (!cursor.step(1)) {
        return;
      }
    }
  }

  private int nextLaid(int from) {
    int at = from;
    while (at < length && column[at] < 0) {
      at++;
    }
    return at;
  }

  private void lay(int i) {
    column[i] = cursor.column();
    row[i] = cursor.row();
  }

  /** Bases between k-mers: from both sides as far as they match, the rest from the left. */
  private void fillBetween() {
    for (int left = nextLaid(0); left < length; ) {
      int right = nextLaid(left + 1);
      if (right < length && right > left + 1) {
        int from = walk(left, right, 1, true);
        int to = walk(right, from, -1, true);
        walk(from, to, 1, false);
      }
      left = right;
    }
  }

  private void extend(int direction) {
    int last = direction > 0 ? length : -1;
    int at = last - direction;
    while (at >= 0 && at < length && column[at] < 0) {
      at -= direction;
    }
    if (at >= 0 && at < length) {
      walk(at, last, direction, false);
    }
  }

  /**
   * Lays bases one by one from a laid one towards another (or the read's end).
   *
   * @return the last base laid
   */
  private int walk(int from, int towards, int direction, boolean whileMatching) {
    int feature = gene.featureAt(column[from]);
    cursor.place(gene, feature, row[from], column[from] - gene.start(feature));
    int at = from;
    while (at + direction != towards) {
      boolean onward = cursor.step(direction);
      boolean free = onward && isBefore(towards, direction);
      if (!free || (whileMatching && cursor.symbol() != read.base(at + direction))) {
        return at;
      }
      at += direction;
      lay(at);
    }
    return at;
  }

  private boolean isBefore(int towards, int direction) {
    if (towards < 0 || towards >= length) {
      return true;
    }
    return direction > 0 ? cursor.column() < column[towards] : cursor.column() > column[towards];
  }

  private Alignment written() {
    Alignment alignment = new Alignment(length + 1);
    int last = -1;
    for (int i = 0; i < length; i++) {
      if (column[i] < 0) {
        continue;
      }
      float penalty = read.base(i) == 'N' ? 0 : qualities.penalty(read.quality(i));
      if (last >= 0 && last == i - 1) {
        gaps(alignment, column[last], column[i], penalty);
      }
      alignment.add(column[i], read.base(i), penalty);
      last = i;
    }
    return alignment;
  }

  /** Columns that the read steps over inside one feature are gaps in it. */
  private void gaps(Alignment into, int from, int to, float penalty) {
    if (to > from + 1 && gene.featureAt(from) == gene.featureAt(to)) {
      for (int c = from + 1; c < to; c++) {
        into.add(c, (byte) '.', penalty);
      }
    }
  }
}
