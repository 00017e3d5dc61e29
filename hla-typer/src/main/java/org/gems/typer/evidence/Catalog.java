package org.gems.typer.evidence;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.gems.typer.genotype.AlleleOrder;
import org.gems.typer.haplotype.AmpliconLocator;
import org.gems.typer.haplotype.LocatedAmplicon;
import org.gems.typer.panel.PanelRow;

/**
 * Everything that reads may come from: for each row of the panel the products that its primers may
 * make. Built once, shared by all samples.
 */
public final class Catalog {
  private final List<PanelRow> rows;
  private final List<Product> products;
  private final int[][] productsOfRow;
  private final Set<String> libraryLoci;
  private final Map<String, AlleleOrder> orders;
  private final AmpliconLocator locator;
  private final Map<Product, Optional<LocatedAmplicon>> amplicons = new ConcurrentHashMap<>();

  /**
   * A catalog.
   *
   * @param rows the panel's
   * @param productsByRow what each row's primers may make; nothing for genes not asked for
   * @param libraryLoci genes that the library has
   * @param orders for each gene that has a product, which allele to name first
   * @param locator finds a product's place in its gene
   */
  Catalog(
      List<PanelRow> rows,
      List<List<Product>> productsByRow,
      Set<String> libraryLoci,
      Map<String, AlleleOrder> orders,
      AmpliconLocator locator) {
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
    this.orders = orders;
    this.locator = locator;
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

  /** Where a product lies in its gene's alignment; empty where the gene has no place for it. */
  public Optional<LocatedAmplicon> amplicon(Product product) {
    return amplicons.computeIfAbsent(product, p -> locator.locate(p.table(), p.row()));
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
