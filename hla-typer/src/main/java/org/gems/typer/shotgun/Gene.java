package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.gems.typer.genotype.AlleleOrder;
import org.gems.typer.library.LocusTable;

/** A gene or pseudogene: its features laid end to end, so that a column is one number. */
final class Gene {
  private final LocusTable table;
  private final List<FeatureTable> features = new ArrayList<>();
  private final byte[] featureOf;
  private final int[] exonColumns;
  private final boolean[] complete;
  private final Borders borders;
  private final Borders splicedBorders;
  private final int[] exons;
  private final boolean[][] stated;
  private final AlleleOrder order;

  /** Lays out a locus; unstated bases of exons are filled from each allele's nearest relative. */
  Gene(LocusTable table) {
    this.table = table;
    ExonFiller filler = new ExonFiller(table);
    this.complete = filler.complete();
    for (int f = 0; f < table.features().size(); f++) {
      LocusTable.Feature feature = table.features().get(f);
      features.add(
          feature.isExon()
              ? filler.filled(f)
              : new FeatureTable(
                  feature.name(), feature.rows(), feature.rowOf(), feature.referenceRow()));
    }
    this.featureOf = new byte[table.columns()];
    for (int f = 0; f < features.size(); f++) {
      Arrays.fill(featureOf, firstColumn(f), firstColumn(f + 1), (byte) f);
    }
    this.exonColumns = new int[featureOf.length + 1];
    for (int c = 0; c < featureOf.length; c++) {
      exonColumns[c + 1] = exonColumns[c] + (features.get(featureOf[c]).isExon() ? 1 : 0);
    }
    int[] all = IntStream.range(0, features.size()).toArray();
    this.exons = IntStream.of(all).filter(f -> features.get(f).isExon()).toArray();
    this.borders = new Borders(features, all, complete.length);
    this.splicedBorders = new Borders(features, exons, complete.length);
    this.stated = filler.stated();
    this.order = AlleleOrder.of(table, unknownBp());
  }

  private int[] unknownBp() {
    int[] unknown = new int[complete.length];
    for (int f : exons) {
      LocusTable.Feature feature = table.features().get(f);
      int[] ofRow = feature.rows().stream().mapToInt(Gene::unknownBp).toArray();
      for (int a = 0; a < unknown.length; a++) {
        unknown[a] += ofRow[feature.rowOf()[a]];
      }
    }
    return unknown;
  }

  private static int unknownBp(byte[] row) {
    int unknown = 0;
    for (byte symbol : row) {
      unknown += symbol == '*' ? 1 : 0;
    }
    return unknown;
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
  int firstColumn(int feature) {
    return table.firstColumn(feature);
  }

  /** The column of a k-mer's first base. */
  int column(long place) {
    return firstColumn(KmerIndex.feature(place)) + KmerIndex.column(place);
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

  /** Exon columns before a column, which may lie outside. */
  int exonColumnsBefore(int column) {
    return exonColumns[Math.max(0, Math.min(column, featureOf.length))];
  }

  /** Which rows meet where features do, along the gene or along its message. */
  Borders borders(boolean spliced) {
    return spliced ? splicedBorders : borders;
  }

  /** Whether the release states its message only. */
  boolean isMessageOnly() {
    return exonColumns[featureOf.length] == featureOf.length;
  }

  /** Features that are exons. */
  int[] exons() {
    return exons;
  }

  /** Whether a feature is an exon that holds the peptide's groove: 2, in class I also 3. */
  boolean isDefining(int feature) {
    String name = features.get(feature).name();
    boolean isClassOne = !name().startsWith("D");
    return name.equals("exon2") || (isClassOne && name.equals("exon3"));
  }

  /** Whether the release states an exon of an allele. */
  boolean isStated(int exon, int allele) {
    return stated[exon][table.features().get(exon).rowOf()[allele]];
  }

  /** Which alleles to name first, by what the release states of their exons. */
  AlleleOrder order() {
    return order;
  }
}
