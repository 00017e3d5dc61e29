package org.gems.typer.shotgun;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * What the pairs of a stretch cost the ways in which alleles look there, in thousandths of a
 * natural logarithm: by the columns in which ways differ, and where some ways have more bases than
 * others by the bases themselves.
 */
final class SegmentCosts {
  private final Gene gene;
  private final SegmentWays ways;
  private final List<List<Alignment>> reads;
  private final int[] columns;
  private final int[][] whole;
  private final int[] usual;

  /**
   * Costs of pairs.
   *
   * @param reads of each pair, as they lie on the gene
   */
  SegmentCosts(Gene gene, SegmentWays ways, List<List<Alignment>> reads) {
    this.gene = gene;
    this.ways = ways;
    this.reads = reads;
    this.columns = ways.columns();
    this.whole = costs(new BitSet());
    this.usual = new int[reads.size()];
    for (int p = 0; p < usual.length; p++) {
      for (Alignment read : reads.get(p)) {
        usual[p] += usualCost(read);
      }
    }
    for (int feature = 0; feature < gene.features().size(); feature++) {
      if (!gene.features().get(feature).isExon()) {
        weighLengths(feature);
      }
    }
  }

  /** What each pair costs each way. */
  int[][] whole() {
    return whole;
  }

  /** What a pair costs all ways. */
  int usual(int pair) {
    return usual[pair];
  }

  /** What each pair's bases of exons cost each way. */
  int[][] exons() {
    BitSet introns = new BitSet();
    for (int i = 0; i < columns.length; i++) {
      introns.set(i, !gene.hasExon(columns[i], columns[i] + 1));
    }
    return costs(introns);
  }

  private int[][] costs(BitSet leftOut) {
    int[][] costs = new int[ways.size()][reads.size()];
    for (int p = 0; p < reads.size(); p++) {
      for (Alignment read : reads.get(p)) {
        int[] ofRead = byColumns(read, leftOut);
        for (int w = 0; w < ofRead.length; w++) {
          costs[w][p] += ofRead[w];
        }
      }
    }
    return costs;
  }

  /** What a read costs each way in the columns in which ways differ, but for some of them. */
  private int[] byColumns(Alignment read, BitSet leftOut) {
    int[] costs = new int[ways.size()];
    for (int i = firstAt(read.first()); i < columns.length && columns[i] <= read.last(); i++) {
      int at = read.firstFrom(columns[i]);
      boolean isShown = read.column(at) == columns[i] && !leftOut.get(i);
      for (int w = 0; isShown && w < costs.length; w++) {
        costs[w] += ways.way(w)[i] == read.symbol(at) ? 0 : read.loss(at);
      }
    }
    return costs;
  }

  private int firstAt(int column) {
    int at = Arrays.binarySearch(columns, column);
    return at >= 0 ? at : -at - 1;
  }

  /** What a read costs all ways, in the columns in which they do not differ. */
  private int usualCost(Alignment read) {
    int cost = 0;
    for (int i = 0; i < read.size(); i++) {
      int column = read.column(i);
      byte symbol = ways.usual(column);
      boolean isOther = symbol != read.symbol(i) && symbol != '*';
      cost += isOther && Arrays.binarySearch(columns, column) < 0 ? read.loss(i) : 0;
    }
    return cost;
  }

  /**
   * Reads over columns in which some ways of a feature have no base cost each way no more than the
   * read's bases do along the way itself.
   */
  private void weighLengths(int feature) {
    int from = gene.firstColumn(feature);
    int to = from + gene.features().get(feature).columns();
    int gap = ways.gaps().nextSetBit(from);
    if (gap < 0 || gap >= to) {
      return;
    }
    LengthCosts lengths = new LengthCosts(gene, feature);
    for (int p = 0; p < reads.size(); p++) {
      for (Alignment read : reads.get(p)) {
        int first = ways.gaps().nextSetBit(Math.max(from, read.first()));
        boolean isOver = first >= 0 && first < to && first <= read.last();
        if (isOver && lengths.load(read)) {
          weighLengths(p, read.within(from, to), lengths);
        }
      }
    }
  }

  private void weighLengths(int pair, Alignment read, LengthCosts lengths) {
    int ofAll = usualCost(read);
    int[] byColumns = byColumns(read, new BitSet());
    usual[pair] -= ofAll;
    for (int w = 0; w < whole.length; w++) {
      int least = Math.min(ofAll + byColumns[w], lengths.cost(ways.look(w)));
      whole[w][pair] += least - byColumns[w];
    }
  }
}
