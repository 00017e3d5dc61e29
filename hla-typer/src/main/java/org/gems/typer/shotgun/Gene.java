package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.List;
import org.gems.typer.library.LocusTable;

/** A gene or pseudogene: its features laid end to end, so that a column is one number. */
final class Gene {
  private final LocusTable table;
  private final List<FeatureTable> features = new ArrayList<>();
  private final int[] start;
  private final boolean[] complete;

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
    int feature = 0;
    while (start[feature + 1] <= column) {
      feature++;
    }
    return feature;
  }

  /** Whether the release states all exons of an allele. */
  boolean isComplete(int allele) {
    return complete[allele];
  }
}
