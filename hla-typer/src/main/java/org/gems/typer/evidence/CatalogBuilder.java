package org.gems.typer.evidence;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.gems.typer.haplotype.AmpliconLocator;
import org.gems.typer.haplotype.HaplotypeSetBuilder;
import org.gems.typer.library.LibraryReader;
import org.gems.typer.library.LocusTable;
import org.gems.typer.panel.Panel;
import org.gems.typer.panel.PanelRow;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Builds the products of all of a panel's genes from a library: the costly way to a catalog. */
final class CatalogBuilder {
  private final Ruleset ruleset;
  private final Panel panel;
  private final Map<String, LocusTable> tables;

  CatalogBuilder(LibraryReader library, Panel panel, Ruleset ruleset) {
    this.ruleset = ruleset;
    this.panel = panel;
    this.tables = completed(library.read(loci()), ruleset.featureDonors());
  }

  /** The panel's genes, the decoys that their primers may catch, and who lends them features. */
  private Set<String> loci() {
    Set<String> loci = new LinkedHashSet<>(panel.loci());
    panel.loci().forEach(locus -> loci.addAll(decoysOf(locus)));
    List.copyOf(loci).stream()
        .map(ruleset.featureDonors()::get)
        .filter(Objects::nonNull)
        .forEach(loci::add);
    return loci;
  }

  private List<String> decoysOf(String locus) {
    return ruleset.decoys().entrySet().stream()
        .filter(decoy -> decoy.getValue().contains(locus))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** For each of the panel's rows what its primers may make: its own gene's first. */
  List<List<Product>> productsByRow() {
    return panel.rows().stream().parallel().map(this::products).toList();
  }

  private static Map<String, LocusTable> completed(
      Map<String, LocusTable> tables, Map<String, String> donors) {
    Map<String, LocusTable> result = new TreeMap<>(tables);
    donors.forEach(
        (locus, donor) -> {
          LocusTable own = tables.get(locus);
          boolean lacks =
              own != null && own.features().stream().noneMatch(CatalogBuilder::isStatedIntron);
          if (lacks && tables.containsKey(donor)) {
            result.put(locus, own.borrowingFrom(tables.get(donor)));
          }
        });
    return result;
  }

  private static boolean isStatedIntron(LocusTable.Feature feature) {
    return !feature.isExon() && feature.isStated();
  }

  private List<Product> products(PanelRow row) {
    List<String> loci = new ArrayList<>(List.of(row.locus()));
    loci.addAll(decoysOf(row.locus()));
    return loci.stream()
        .map(tables::get)
        .filter(Objects::nonNull)
        .map(table -> product(row, table))
        .flatMap(Optional::stream)
        .toList();
  }

  private Optional<Product> product(PanelRow row, LocusTable table) {
    int grafts = ruleset.count(Threshold.GRAFTS_PER_ALLELE);
    int leastBp = ruleset.count(Threshold.READ_MINIMUM_BP);
    return new AmpliconLocator(ruleset)
        .locate(table, row)
        .flatMap(amplicon -> HaplotypeSetBuilder.build(table, amplicon, grafts, leastBp))
        .map(haplotypes -> new Product(row, table, haplotypes));
  }
}
