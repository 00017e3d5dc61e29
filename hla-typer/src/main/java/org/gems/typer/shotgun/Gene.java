package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.gems.typer.library.LocusTable;

/** A gene or pseudogene: its features laid end to end, so that a column is one number. */
final class Gene {
  private final LocusTable table;
  private final List<FeatureTable> features = new ArrayList<>();
  private final int[] start;
  private final byte[] featureOf;
  private final int[] exonColumns;
  private final boolean[] complete;
  private final Borders borders;

  /** Lays out a locus; unstated bases of exons are filled from each allele's nearest relative. */
  Gene(LocusTable table) {
    this.table = table;
    ExonFiller filler = new ExonFiller(table);
    this.complete = filler.complete();
    this.start = new int[table.features().size() + 1];
    for (int f = 0; f < table.features().size(); f++) {
      LocusTable.Feature feature = table.features().get(f);
      FeatureTable laid =
          ExonFiller.isExon(feature)
              ? filler.filled(f)
              : new FeatureTable(
                  feature.name(), feature.rows(), feature.rowOf(), feature.referenceRow());
      features.add(laid);
      start[f + 1] = start[f] + laid.columns();
    }
    this.featureOf = new byte[start[features.size()]];
    for (int f = 0; f < features.size(); f++) {
      Arrays.fill(featureOf, start[f], start[f + 1], (byte) f);
    }
    this.exonColumns = new int[featureOf.length + 1];
    for (int c = 0; c < featureOf.length; c++) {
      exonColumns[c + 1] = exonColumns[c] + (features.get(featureOf[c]).isExon() ? 1 : 0);
    }
    this.borders = new Borders(features, complete.length);
  }

  String name() {
    return table.locus();
  }

  LocusTable table() {
    return table;
  }

  List<FeatureTable> features() {
    return features;
  }

  /** The first column of a feature. */
  int start(int feature) {
    return start[feature];
  }

  /** The feature of a column. */
  int featureAt(int column) {
    return featureOf[column];
  }

  /** Whether any of the columns from one up to another, which may lie outside, is an exon's. */
  boolean hasExon(int from, int to) {
    int first = Math.max(0, Math.min(from, featureOf.length));
    int last = Math.max(first, Math.min(to, featureOf.length));
    return exonColumns[last] > exonColumns[first];
  }

  /** Which rows meet where features do. */
  Borders borders() {
    return borders;
  }

  /** Whether the release states all exons of an allele. */
  boolean isComplete(int allele) {
    return complete[allele];
  }
}
