package org.gems.typer.evidence;

import java.util.ArrayList;
import java.util.List;
import org.gems.typer.genotype.AlleleOrder;
import org.gems.typer.genotype.GeneEvidence;
import org.gems.typer.genotype.Region;
import org.gems.typer.genotype.Target;
import org.gems.typer.library.LocusTable;
import org.gems.typer.panel.PanelRow;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** What a panel's amplicons of one gene say. */
public final class GeneAmplicons implements GeneEvidence {
  private final Catalog catalog;
  private final String gene;
  private final List<Product> products = new ArrayList<>();
  private final List<Amplicon> amplicons = new ArrayList<>();
  private final int pairs;

  /** Weighs the amplicons of a gene that have enough pairs; the gene has at least one product. */
  GeneAmplicons(
      Catalog catalog,
      Ruleset ruleset,
      SequencePlaces places,
      SampleEvidence evidence,
      String gene) {
    this.catalog = catalog;
    this.gene = gene;
    this.pairs = evidence.pairs(gene);
    int least = ruleset.count(Threshold.AMPLICON_MINIMUM_PAIRS);
    for (int p = 0; p < catalog.products().size(); p++) {
      Product product = catalog.products().get(p);
      if (product.isOwnOf(gene)) {
        products.add(product);
        PairStore store = evidence.store(p);
        if (store.size() >= least) {
          int[] support = evidence.support(p);
          Amplicon weighed =
              new Amplicon(places, ruleset, amplicons.size(), product, store, support);
          if (weighed.size() > 0) {
            amplicons.add(weighed);
          }
        }
      }
    }
  }

  @Override
  public LocusTable table() {
    return products.get(0).table();
  }

  @Override
  public AlleleOrder order() {
    return catalog.order(gene);
  }

  @Override
  public List<Target> targets() {
    return List.copyOf(amplicons);
  }

  @Override
  public List<Region> regions() {
    return List.copyOf(amplicons);
  }

  @Override
  public int pairs() {
    return pairs;
  }

  @Override
  public boolean isRead(int allele, int column) {
    return amplicons.stream().anyMatch(amplicon -> amplicon.isRead(allele, column));
  }

  /** Amplicons with enough pairs. */
  public List<Amplicon> amplicons() {
    return List.copyOf(amplicons);
  }

  /** The gene's own products, with or without pairs. */
  public List<Product> products() {
    return List.copyOf(products);
  }

  /** Names of the gene's amplicons that gave too few pairs. */
  public List<String> silent() {
    List<String> seen = amplicons.stream().map(Amplicon::name).toList();
    return products.stream()
        .map(product -> product.row().amplicon())
        .filter(name -> !seen.contains(name))
        .toList();
  }

  /** Names of the gene's amplicons that the library has no place for. */
  public List<String> unplaced() {
    return catalog.unplaced(gene).stream().map(PanelRow::amplicon).toList();
  }
}
