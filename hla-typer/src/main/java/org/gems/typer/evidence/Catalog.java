package org.gems.typer.evidence;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.gems.typer.haplotype.AmpliconLocator;
import org.gems.typer.haplotype.HaplotypeSetBuilder;
import org.gems.typer.library.LibraryReader;
import org.gems.typer.library.LocusTable;
import org.gems.typer.panel.Panel;
import org.gems.typer.panel.PanelRow;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Everything that reads may come from: for each row of the panel the products that its primers may
 * make. Built once, shared by all samples.
 */
public final class Catalog {
  private final List<PanelRow> rows;
  private final List<Product> products;
  private final int[][] productsOfRow;
  private final Set<String> libraryLoci;
  private final Map<String, AlleleOrder> orders = new TreeMap<>();

  private Catalog(
      List<PanelRow> rows,
      List<List<Product>> productsByRow,
      Set<String> libraryLoci,
      Set<String> asked) {
    this.rows = rows;
    this.products = productsByRow.stream().flatMap(List::stream).toList();
    this.productsOfRow = new int[rows.size()][];
    int next = 0;
    for (int r = 0; r < rows.size(); r++) {
      int size = productsByRow.get(r).size();
      productsOfRow[r] = IntStream.range(next, next + size).toArray();
      next += size;
    }
    this.libraryLoci = libraryLoci;
    asked.stream()
        .filter(locus -> !ownProducts(locus).isEmpty())
        .forEach(locus -> orders.put(locus, orderOf(ownProducts(locus))));
  }

  private List<Product> ownProducts(String locus) {
    return products.stream().filter(p -> p.locus().equals(locus) && !p.isDecoy()).toList();
  }

  private static AlleleOrder orderOf(List<Product> own) {
    return new AlleleOrder(own.get(0).table(), own);
  }

  /**
   * Builds the products of the loci that are asked for.
   *
   * @param asked genes to type
   */
  public static Catalog build(
      LibraryReader library, Panel panel, Ruleset ruleset, Set<String> asked) {
    Set<String> wanted = new LinkedHashSet<>(asked);
    wanted.retainAll(panel.loci());
    List<String> decoys =
        ruleset.decoys().entrySet().stream()
            .filter(e -> e.getValue().stream().anyMatch(wanted::contains))
            .map(Map.Entry::getKey)
            .toList();
    Set<String> loaded = new LinkedHashSet<>(wanted);
    loaded.addAll(decoys);
    loaded.stream()
        .map(ruleset.featureDonors()::get)
        .filter(java.util.Objects::nonNull)
        .toList()
        .forEach(loaded::add);
    Map<String, LocusTable> tables = completed(library.read(loaded), ruleset.featureDonors());
    List<List<Product>> products =
        panel.rows().stream()
            .parallel()
            .map(
                row -> wanted.contains(row.locus()) ? products(row, tables, ruleset) : noProducts())
            .toList();
    return new Catalog(
        panel.rows(), products, library.manifest().referenceAlleles().keySet(), asked);
  }

  private static List<Product> noProducts() {
    return List.of();
  }

  private static Map<String, LocusTable> completed(
      Map<String, LocusTable> tables, Map<String, String> donors) {
    Map<String, LocusTable> result = new TreeMap<>(tables);
    donors.forEach(
        (locus, donor) -> {
          LocusTable own = tables.get(locus);
          boolean lacks = own != null && own.features().stream().noneMatch(Catalog::isStatedIntron);
          if (lacks && tables.containsKey(donor)) {
            result.put(locus, own.borrowingFrom(tables.get(donor)));
          }
        });
    return result;
  }

  private static boolean isStatedIntron(LocusTable.Feature feature) {
    return !feature.name().startsWith("exon") && feature.isStated();
  }

  private static List<Product> products(
      PanelRow row, Map<String, LocusTable> tables, Ruleset ruleset) {
    List<String> loci = new ArrayList<>(List.of(row.locus()));
    ruleset
        .decoys()
        .forEach(
            (decoy, targets) -> {
              if (targets.contains(row.locus())) {
                loci.add(decoy);
              }
            });
    List<Product> products = new ArrayList<>();
    for (String locus : loci) {
      if (tables.containsKey(locus)) {
        product(row, tables.get(locus), ruleset).ifPresent(products::add);
      }
    }
    return products;
  }

  private static Optional<Product> product(PanelRow row, LocusTable table, Ruleset ruleset) {
    int grafts = ruleset.count(Threshold.GRAFTS_PER_ALLELE);
    return new AmpliconLocator(ruleset)
        .locate(table, row)
        .flatMap(amplicon -> HaplotypeSetBuilder.build(table, amplicon, grafts))
        .map(haplotypes -> new Product(row, table, haplotypes));
  }

  /** The panel's rows. */
  public List<PanelRow> rows() {
    return rows;
  }

  /** All products, those of one row together. */
  public List<Product> products() {
    return products;
  }

  /** Indices into {@link #products} of what a row's primers may make. */
  public int[] productsOfRow(int row) {
    return productsOfRow[row];
  }

  /** Which of a gene's alleles to name first; for genes that have a product. */
  public AlleleOrder order(String locus) {
    return orders.get(locus);
  }

  /** The name of one of a gene's alleles; for genes that have a product. */
  public String alleleName(String locus, int allele) {
    return ownProducts(locus).get(0).table().alleles().get(allele).name().text();
  }

  /** Whether the library has a gene. */
  public boolean isInLibrary(String locus) {
    return libraryLoci.contains(locus);
  }

  /** Whether the panel has an amplicon of a gene. */
  public boolean isInPanel(String locus) {
    return rows.stream().anyMatch(row -> row.locus().equals(locus));
  }

  /** Panel rows of a gene that its alignment has no place for. */
  public List<PanelRow> unplaced(String locus) {
    return rows.stream()
        .filter(row -> row.locus().equals(locus))
        .filter(row -> products.stream().noneMatch(p -> p.row().equals(row) && !p.isDecoy()))
        .toList();
  }
}
