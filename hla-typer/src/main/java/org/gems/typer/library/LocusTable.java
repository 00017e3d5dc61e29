package org.gems.typer.library;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A locus of the library: its alleles, and for each feature (UTR, exon or intron, in order) the
 * distinct alignment rows. A row is bytes of {@code ACGT}, {@code .} for a gap and {@code *} for
 * unknown; all rows of a feature have one length.
 */
public final class LocusTable {
  private final String locus;
  private final List<Feature> features;
  private final List<AlleleEntry> alleles;
  private final Optional<LocusTable> donor;
  private final int[] families;
  private final int[] firstColumns;

  /**
   * A feature's rows.
   *
   * @param name such as {@code exon2}
   * @param rows its distinct rows
   * @param rowOf the row of each allele
   * @param referenceRow the row whose bases a panel's offsets count
   * @param borrowed whether the rows are another locus's, every allele of this one being unknown
   */
  public record Feature(
      String name, List<byte[]> rows, int[] rowOf, byte[] referenceRow, boolean borrowed) {

    /** Whether it is an exon. */
    public boolean isExon() {
      return isExon(name);
    }

    /** Whether a feature's name is an exon's. */
    public static boolean isExon(String feature) {
      return feature.startsWith("exon");
    }

    /** Whether the reference row states any base; where it does not, the release has nothing. */
    public boolean isStated() {
      return states(referenceRow);
    }

    /** Whether a row has any base. */
    public static boolean states(byte[] row) {
      for (byte symbol : row) {
        if (symbol != '*' && symbol != '.') {
          return true;
        }
      }
      return false;
    }
  }

  /** A locus with its own features only. */
  public LocusTable(String locus, List<Feature> features, List<AlleleEntry> alleles) {
    this(locus, features, alleles, Optional.empty());
  }

  private LocusTable(
      String locus, List<Feature> features, List<AlleleEntry> alleles, Optional<LocusTable> donor) {
    this.locus = locus;
    this.features = List.copyOf(features);
    this.alleles = List.copyOf(alleles);
    this.donor = donor;
    this.families = alleles.stream().mapToInt(a -> a.name().family()).toArray();
    this.firstColumns = new int[features.size() + 1];
    for (int f = 0; f < features.size(); f++) {
      firstColumns[f + 1] = firstColumns[f] + features.get(f).referenceRow().length;
    }
  }

  /** The gene's name without {@code HLA-}. */
  public String locus() {
    return locus;
  }

  /** Features in genomic order. */
  public List<Feature> features() {
    return features;
  }

  /** Alleles in the release's order. */
  public List<AlleleEntry> alleles() {
    return alleles;
  }

  /** The locus that lent the features which this one lacks. */
  public Optional<LocusTable> donor() {
    return donor;
  }

  /** The family (first field) of each allele. */
  public int[] families() {
    return families.clone();
  }

  /** The gene's column at which a feature begins, all features laid end to end. */
  public int firstColumn(int feature) {
    return firstColumns[feature];
  }

  /** Columns of all features. */
  public int columns() {
    return firstColumns[features.size()];
  }

  /** The feature of a column of the gene. */
  public int featureAt(int column) {
    int feature = 0;
    while (firstColumns[feature + 1] <= column) {
      feature++;
    }
    return feature;
  }

  /** Index of a feature, or -1. */
  public int indexOf(String feature) {
    for (int i = 0; i < features.size(); i++) {
      if (features.get(i).name().equals(feature)) {
        return i;
      }
    }
    return -1;
  }

  /** Index of an allele by its full name, or -1. */
  public int indexOfAllele(String name) {
    for (int i = 0; i < alleles.size(); i++) {
      if (alleles.get(i).name().text().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /** The row of an allele in a feature. */
  public byte[] row(int feature, int allele) {
    Feature f = features.get(feature);
    return f.rows().get(f.rowOf()[allele]);
  }

  /**
   * This locus with the features it lacks taken from a donor: the donor's rows give coordinates and
   * plausible sequence, and every allele of this locus is unknown there. For genes that the release
   * aligns in their coding sequence only.
   */
  public LocusTable borrowingFrom(LocusTable lender) {
    List<Feature> all = new ArrayList<>();
    for (Feature lent : lender.features) {
      int own = indexOf(lent.name());
      all.add(
          own >= 0 && features.get(own).isStated()
              ? aligned(features.get(own), lent)
              : borrowed(lent));
    }
    return new LocusTable(locus, all, alleles, Optional.of(lender));
  }

  /** Genes that share one alignment share its columns, so the lender's coordinates hold there. */
  private static Feature aligned(Feature own, Feature lent) {
    boolean shared = own.referenceRow().length == lent.referenceRow().length;
    byte[] reference = shared ? lent.referenceRow() : own.referenceRow();
    return new Feature(own.name(), own.rows(), own.rowOf(), reference, false);
  }

  private Feature borrowed(Feature lent) {
    byte[] unknown = new byte[lent.referenceRow().length];
    Arrays.fill(unknown, (byte) '*');
    List<byte[]> rows = new ArrayList<>(lent.rows());
    rows.add(unknown);
    int[] rowOf = new int[alleles.size()];
    Arrays.fill(rowOf, rows.size() - 1);
    return new Feature(lent.name(), rows, rowOf, lent.referenceRow(), true);
  }
}
