package org.gems.typer.evidence;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.gems.typer.genotype.AlleleOrder;
import org.gems.typer.haplotype.AmpliconLocator;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.index.IndexFile;
import org.gems.typer.index.IndexReader;
import org.gems.typer.index.IndexTooLargeException;
import org.gems.typer.index.IndexWriter;
import org.gems.typer.library.LibraryReader;
import org.gems.typer.library.LocusTable;
import org.gems.typer.panel.Panel;
import org.gems.typer.panel.PanelRow;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Opens the catalog of a library and a panel. It is built once and kept in the library's folder
 * {@code index}, one file a panel; the file names all that it depends on, and is built again where
 * any of it has changed.
 */
public final class CatalogIndex {
  private static final int NAME_LENGTH = 16;

  private final LibraryReader library;
  private final Panel panel;
  private final Ruleset ruleset;
  private final Optional<String> build;
  private final int mostBytes;

  /** How a catalog was come by. */
  public enum Origin {
    /** From its file. */
    READ,
    /** Built, and kept for the next time. */
    BUILT,
    /**
     * Built and not kept: the library's folder takes no files, the index is larger than a file may
     * be, or the code that built it has no name.
     */
    NOT_KEPT
  }

  /**
   * A catalog that was opened.
   *
   * @param catalog of the genes that were asked for
   */
  public record Opened(Catalog catalog, Origin origin) {}

  /**
   * An index of a library for a panel.
   *
   * @param build names the code that lists sequences and lays them out; where it has no name, an
   *     index is neither read nor written, for another build's could not be told from it
   */
  public CatalogIndex(LibraryReader library, Panel panel, Ruleset ruleset, Optional<String> build) {
    this(library, panel, ruleset, build, Integer.MAX_VALUE);
  }

  /**
   * An index of a library for a panel.
   *
   * @param mostBytes a larger one is not kept
   */
  CatalogIndex(
      LibraryReader library, Panel panel, Ruleset ruleset, Optional<String> build, int mostBytes) {
    this.library = library;
    this.panel = panel;
    this.ruleset = ruleset;
    this.build = build;
    this.mostBytes = mostBytes;
  }

  /**
   * Opens the catalog, building it where it must be.
   *
   * @param asked genes to type
   */
  public Opened open(Set<String> asked) {
    Optional<IndexReader> kept = build.flatMap(name -> IndexFile.read(file(), source(name)));
    if (kept.isPresent()) {
      return new Opened(read(kept.get(), asked), Origin.READ);
    }
    List<List<Product>> built = new CatalogBuilder(library, panel, ruleset).productsByRow();
    Map<String, AlleleOrder> orders = orders(built);
    boolean isKept = build.isPresent() && keep(build.get(), built, orders);
    return new Opened(catalog(of(asked, built), orders), isKept ? Origin.BUILT : Origin.NOT_KEPT);
  }

  private boolean keep(
      String name, List<List<Product>> productsByRow, Map<String, AlleleOrder> orders) {
    try {
      return IndexFile.write(file(), source(name), write(productsByRow, orders));
    } catch (IndexTooLargeException e) {
      return false;
    }
  }

  private Path file() {
    String name = panel.sha256().substring(0, NAME_LENGTH) + ".idx";
    return library.directory().resolve("index").resolve(name);
  }

  private String source(String name) {
    return String.join(
        "\n",
        name,
        library.manifest().sha256(),
        panel.sha256(),
        String.valueOf(ruleset.get(Threshold.GRAFTS_PER_ALLELE)),
        String.valueOf(ruleset.get(Threshold.READ_MINIMUM_BP)),
        String.valueOf(ruleset.get(Threshold.PRIMER_SEARCH_WINDOW_BP)),
        String.valueOf(ruleset.get(Threshold.PRIMER_SEARCH_MISMATCHES)),
        ruleset.featureDonors().toString(),
        ruleset.decoys().toString());
  }

  private Catalog catalog(List<List<Product>> productsByRow, Map<String, AlleleOrder> orders) {
    return new Catalog(
        panel.rows(),
        productsByRow,
        library.manifest().referenceAlleles().keySet(),
        orders,
        new AmpliconLocator(ruleset));
  }

  /** The products of rows whose gene was asked for. */
  private List<List<Product>> of(Set<String> asked, List<List<Product>> all) {
    List<List<Product>> kept = new ArrayList<>();
    for (int r = 0; r < all.size(); r++) {
      boolean wanted = asked.contains(panel.rows().get(r).locus());
      kept.add(wanted ? all.get(r) : List.of());
    }
    return kept;
  }

  private static Map<String, AlleleOrder> orders(List<List<Product>> productsByRow) {
    Map<String, List<Product>> own = new TreeMap<>();
    productsByRow.stream()
        .flatMap(List::stream)
        .filter(product -> !product.isDecoy())
        .forEach(p -> own.computeIfAbsent(p.locus(), locus -> new ArrayList<>()).add(p));
    Map<String, AlleleOrder> orders = new TreeMap<>();
    own.forEach((locus, products) -> orders.put(locus, order(products)));
    return orders;
  }

  private static AlleleOrder order(List<Product> products) {
    LocusTable table = products.get(0).table();
    int[] unknownBp = new int[table.alleles().size()];
    for (Product product : products) {
      for (int a = 0; a < unknownBp.length; a++) {
        unknownBp[a] += product.unknownBp(a);
      }
    }
    return AlleleOrder.of(table, unknownBp);
  }

  private IndexWriter write(List<List<Product>> productsByRow, Map<String, AlleleOrder> orders) {
    Map<String, LocusTable> tables = new TreeMap<>();
    productsByRow.stream()
        .flatMap(List::stream)
        .forEach(product -> tables.put(product.locus(), product.table()));
    IndexWriter writer = new IndexWriter(mostBytes);
    writer.number(tables.size());
    tables.forEach((locus, table) -> writeTable(writer, table, orders.get(locus)));
    for (List<Product> products : productsByRow) {
      writer.number(products.size());
      for (Product product : products) {
        IndexWriter block = new IndexWriter(mostBytes);
        HaplotypeSetLayout.write(block, product.haplotypes());
        writer.text(product.locus());
        writer.block(block);
      }
    }
    return writer;
  }

  private void writeTable(IndexWriter writer, LocusTable table, AlleleOrder order) {
    IndexWriter block = new IndexWriter(mostBytes);
    LocusTableLayout.write(block, table);
    block.number(order == null ? 0 : 1);
    if (order != null) {
      order.write(block);
    }
    writer.text(table.locus());
    writer.block(block);
  }

  private Catalog read(IndexReader reader, Set<String> asked) {
    Set<String> needed = new TreeSet<>(asked);
    ruleset
        .decoys()
        .forEach(
            (decoy, targets) -> {
              if (targets.stream().anyMatch(asked::contains)) {
                needed.add(decoy);
              }
            });
    Map<String, LocusTable> tables = new ConcurrentHashMap<>();
    Map<String, AlleleOrder> orders = new ConcurrentHashMap<>();
    blocks(reader).stream()
        .filter(block -> needed.contains(block.locus()))
        .toList()
        .parallelStream()
        .forEach(block -> readTable(block, tables, orders));
    List<List<Block>> blocksByRow = panel.rows().stream().map(row -> blocks(reader)).toList();
    List<List<Product>> productsByRow =
        IntStream.range(0, blocksByRow.size())
            .parallel()
            .mapToObj(r -> products(panel.rows().get(r), blocksByRow.get(r), tables, asked))
            .toList();
    return catalog(productsByRow, orders);
  }

  /** What an index holds of a locus: its table, or its sequences for one row of the panel. */
  private record Block(String locus, IndexReader content) {}

  private static List<Block> blocks(IndexReader reader) {
    List<Block> blocks = new ArrayList<>();
    int count = reader.number();
    for (int i = 0; i < count; i++) {
      blocks.add(new Block(reader.text(), reader.block()));
    }
    return blocks;
  }

  private static void readTable(
      Block block, Map<String, LocusTable> tables, Map<String, AlleleOrder> orders) {
    tables.put(block.locus(), LocusTableLayout.read(block.content(), block.locus()));
    if (block.content().number() == 1) {
      orders.put(block.locus(), AlleleOrder.read(block.content()));
    }
  }

  private static List<Product> products(
      PanelRow row, List<Block> blocks, Map<String, LocusTable> tables, Set<String> asked) {
    List<Product> products = new ArrayList<>();
    for (Block block : asked.contains(row.locus()) ? blocks : List.<Block>of()) {
      HaplotypeSet haplotypes = HaplotypeSetLayout.read(block.content());
      products.add(new Product(row, tables.get(block.locus()), haplotypes));
    }
    return products;
  }
}
