package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.gems.typer.genotype.Look;
import org.gems.typer.genotype.Segment;
import org.gems.typer.genotype.Stretches;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * All pairs of a gene that nothing else made, stretch by stretch of its columns: those of its
 * exons, and those that lie in introns and untranslated ends only.
 */
final class GeneSegments implements Stretches {
  /** What more likely something else made is no evidence between a gene's alleles. */
  private static final float ELSEWHERE = 0.5f;

  private static final byte OPEN = '*';

  private final Gene gene;
  private final Ruleset ruleset;
  private final int segmentBp;
  private final Map<Integer, Gathered> bySegment = new TreeMap<>();
  private final BitSet read = new BitSet();

  /**
   * Gathers a gene's pairs.
   *
   * @param introns pairs that lie on the gene, and reach no exon
   */
  GeneSegments(Gene gene, List<ExonTarget> exons, List<Fragment> introns, Ruleset ruleset) {
    this.gene = gene;
    this.ruleset = ruleset;
    this.segmentBp = ruleset.count(Threshold.SHOTGUN_SEGMENT_BP);
    for (ExonTarget exon : exons) {
      for (int p = 0; p < exon.pairs(); p++) {
        if (exon.elsewhere()[p] < ELSEWHERE) {
          gather(exon.reads(p), exon.fragments().get(p).promised(), exon.elsewhere()[p]);
        }
      }
    }
    float outlier = (float) ruleset.get(Threshold.OUTLIER_RATE);
    introns.forEach(pair -> gather(pair.best().reads(), pair.promised(), outlier));
  }

  private void gather(List<Alignment> reads, double promised, float elsewhere) {
    bySegment
        .computeIfAbsent(segmentOf(reads, segmentBp), s -> new Gathered())
        .add(reads, promised, elsewhere);
    for (Alignment one : reads) {
      for (int i = 0; i < one.size(); i++) {
        read.set(one.column(i));
      }
    }
  }

  /** The pairs of a stretch, as they are gathered. */
  private static final class Gathered {
    private final List<List<Alignment>> reads = new ArrayList<>();
    private final List<Double> promised = new ArrayList<>();
    private final List<Float> elsewhere = new ArrayList<>();

    void add(List<Alignment> ofPair, double itsPromised, float itsElsewhere) {
      reads.add(ofPair);
      promised.add(itsPromised);
      elsewhere.add(itsElsewhere);
    }

    double[] allPromised() {
      return promised.stream().mapToDouble(Double::doubleValue).toArray();
    }

    float[] allElsewhere() {
      float[] all = new float[elsewhere.size()];
      for (int i = 0; i < all.length; i++) {
        all[i] = elsewhere.get(i);
      }
      return all;
    }
  }

  @Override
  public boolean isWhole(int allele) {
    int last = gene.features().size() - 1;
    for (int f = 0; f <= last; f++) {
      byte[] row = gene.table().row(f, allele);
      int from = f == 0 ? stated(row, 0, 1) : 0;
      int to = f == last ? stated(row, row.length - 1, -1) + 1 : row.length;
      if (isOpen(f, row, from, to)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean isStated(int allele) {
    for (int f = 0; f < gene.features().size(); f++) {
      byte[] row = gene.table().row(f, allele);
      if (isOpen(f, row, 0, row.length)) {
        return false;
      }
    }
    return true;
  }

  private boolean isOpen(int feature, byte[] row, int from, int to) {
    for (int c = from; c < to; c++) {
      if (row[c] == OPEN && read.get(gene.firstColumn(feature) + c)) {
        return true;
      }
    }
    return false;
  }

  /** The first column from an end on that is stated. */
  private static int stated(byte[] row, int from, int step) {
    int c = from;
    while (c >= 0 && c < row.length && row[c] == OPEN) {
      c += step;
    }
    return c;
  }

  @Override
  public int differences(int one, int two) {
    int differences = 0;
    for (int f = 0; f < gene.features().size(); f++) {
      byte[] first = gene.table().row(f, one);
      byte[] second = gene.table().row(f, two);
      for (int c = 0; first != second && c < first.length; c++) {
        boolean isStated = first[c] != OPEN && second[c] != OPEN;
        boolean isOther = isStated && first[c] != second[c] && read.get(gene.firstColumn(f) + c);
        differences += isOther ? 1 : 0;
      }
    }
    return differences;
  }

  @Override
  public List<Segment> segments(List<Look> looks) {
    List<Segment> segments = new ArrayList<>();
    bySegment.forEach(
        (number, own) ->
            segments.add(
                new SegmentTarget(
                        gene,
                        "segment" + (number + 1),
                        own.reads,
                        own.allPromised(),
                        own.allElsewhere(),
                        looks,
                        ruleset)
                    .segment()));
    return segments;
  }

  /** The number of the stretch in whose columns the middle of a pair lies. */
  static int segmentOf(List<Alignment> reads, int segmentBp) {
    int from = Integer.MAX_VALUE;
    int to = 0;
    for (Alignment read : reads) {
      from = Math.min(from, read.first());
      to = Math.max(to, read.last());
    }
    return (from + to) / 2 / segmentBp;
  }
}
