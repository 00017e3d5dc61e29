package org.gems.typer.shotgun;

import java.util.BitSet;
import java.util.stream.IntStream;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * The stretch of a gene that a long-range PCR copied, by the depth of its reads: all features from
 * one end to the other are covered, introns too, and beyond an end there is nothing. Where introns
 * have no reads (messages, exomes) no end is told, and all exons count as copied.
 */
final class CopiedRange {
  /** Of a feature's bases so many are covered: some of an intron's are like another gene's. */
  private static final double COVERED_SHARE = 0.9;

  /** So far do a product's reads go into the intron in which it ends, and a message's do not. */
  private static final int INTO_INTRON_BP = 20;

  private final GeneExons exons;
  private final int allele;
  private final double covered;
  private final int deep;
  private final BitSet outside = new BitSet();

  private CopiedRange(GeneExons exons, int allele, Ruleset ruleset) {
    this.exons = exons;
    this.allele = allele;
    this.covered = ruleset.get(Threshold.SHOTGUN_COVERED_DEPTH);
    this.deep = ruleset.count(Threshold.SHOTGUN_LOW_DEPTH);
  }

  /** The range of a gene's reads, seen from the exons that define an allele. */
  static CopiedRange of(GeneExons exons, int allele, Ruleset ruleset) {
    CopiedRange range = new CopiedRange(exons, allele, ruleset);
    IntStream.of(exons.gene().exons())
        .filter(exons.gene()::isDefining)
        .filter(exon -> range.isCovered(exon) && range.depth(exon) >= range.deep)
        .findFirst()
        .ifPresent(range::measure);
    return range;
  }

  /** Tells the ends, where the reads go through an intron from one exon to another. */
  private void measure(int exon) {
    int last = last(exon, 1);
    int first = last(exon, -1);
    boolean isThrough = false;
    for (int f = first; f <= last; f++) {
      boolean isIntron = f > first && f < last && !isExon(f);
      isThrough |= isIntron && columns(f) > 0;
    }
    if (isThrough) {
      search(last, 1);
      search(first, -1);
    }
  }

  /** Whether a feature is within, or may be. */
  boolean has(int feature) {
    return !outside.get(feature);
  }

  /** The last covered feature before one that is not. */
  private int last(int from, int step) {
    int last = from;
    int next = from + step;
    while (isFeature(next) && (columns(next) == 0 || isCovered(next))) {
      last = columns(next) == 0 ? last : next;
      next += step;
    }
    return last;
  }

  /** Notes what lies beyond the last covered feature, if an end of the range does. */
  private void search(int last, int step) {
    int next = last + step;
    while (isFeature(next) && columns(next) == 0) {
      next += step;
    }
    boolean isEnd = isFeature(next) && (isExon(next) ? !isExon(last) : isEntered(next, step));
    for (int f = isExon(next) ? next : next + step; isEnd && isFeature(f); f += step) {
      isEnd = depth(f) < covered;
    }
    for (int f = next; isEnd && isFeature(f); f += step) {
      outside.set(f);
    }
  }

  private boolean isFeature(int feature) {
    return feature >= 0 && feature < exons.gene().features().size();
  }

  private boolean isExon(int feature) {
    return isFeature(feature) && exons.gene().features().get(feature).isExon();
  }

  private int columns(int feature) {
    return exons.gene().features().get(feature).columns();
  }

  /** The bases of a feature by which it is measured: the reference's, where the allele is open. */
  private byte[] row(int feature) {
    FeatureTable table = exons.gene().features().get(feature);
    byte[] own = table.row(table.rowOf(allele));
    return IntStream.range(0, own.length).anyMatch(c -> own[c] == '*') ? table.reference() : own;
  }

  private double depth(int feature) {
    return exons.meanDepth(feature, row(feature));
  }

  private boolean isCovered(int feature) {
    byte[] row = row(feature);
    int bases = 0;
    int seen = 0;
    for (int c = 0; c < row.length; c++) {
      boolean isBase = row[c] != '.';
      bases += isBase ? 1 : 0;
      seen += isBase && exons.depth(feature, c) >= covered ? 1 : 0;
    }
    return seen >= COVERED_SHARE * bases;
  }

  /** Whether the first bases of an intron, as one comes to it, are covered. */
  private boolean isEntered(int feature, int step) {
    byte[] row = row(feature);
    int seen = 0;
    for (int i = 0; i < row.length && seen < INTO_INTRON_BP; i++) {
      int column = step > 0 ? i : row.length - 1 - i;
      if (row[column] != '.') {
        if (exons.depth(feature, column) < covered) {
          return false;
        }
        seen++;
      }
    }
    return seen == INTO_INTRON_BP;
  }
}
