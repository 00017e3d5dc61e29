package org.gems.typer.genotype;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.evidence.Product;
import org.gems.typer.evidence.SampleEvidence;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Types one gene of one sample. */
public final class LocusTyper {
  private final Catalog catalog;
  private final Ruleset ruleset;
  private final SampleEvidence evidence;

  /** A typer of a sample's genes. */
  public LocusTyper(Catalog catalog, Ruleset ruleset, SampleEvidence evidence) {
    this.catalog = catalog;
    this.ruleset = ruleset;
    this.evidence = evidence;
  }

  /** A gene's pairs over all its amplicons. */
  public int pairs(String locus) {
    return evidence.pairs(locus);
  }

  /**
   * Types a gene.
   *
   * @param singleOnly whether it is known to be there in one copy
   * @return empty where there are too few pairs to say anything
   */
  public Optional<LocusResult> type(String locus, boolean singleOnly) {
    Mixture mixture = new Mixture(ruleset);
    List<Product> products = new ArrayList<>();
    List<AmpliconModel> models = new ArrayList<>();
    for (int p = 0; p < catalog.products().size(); p++) {
      Product product = catalog.products().get(p);
      if (isOwn(product, locus)) {
        products.add(product);
        model(p, mixture).ifPresent(models::add);
      }
    }
    if (models.isEmpty() || pairs(locus) < ruleset.count(Threshold.LOCUS_MINIMUM_PAIRS)) {
      return Optional.empty();
    }
    int maximum = ruleset.count(Threshold.ALLELE_CLASSES_MAXIMUM);
    LocusModel model = new LocusModel(catalog.order(locus), products, models, maximum);
    GenotypeSearch search = new GenotypeSearch(model, ruleset);
    List<Genotype> ranked = search.rank(ruleset.count(Threshold.GENOTYPES_KEPT), singleOnly);
    return ranked.isEmpty()
        ? Optional.empty()
        : Optional.of(new LocusResult(model, mixture, search, ranked));
  }

  private Optional<AmpliconModel> model(int product, Mixture mixture) {
    if (evidence.store(product).size() < ruleset.count(Threshold.AMPLICON_MINIMUM_PAIRS)) {
      return Optional.empty();
    }
    AmpliconEvidence weighed =
        AmpliconEvidence.of(
            catalog.products().get(product),
            evidence.store(product),
            evidence.support(product),
            ruleset);
    return weighed.size() == 0
        ? Optional.empty()
        : Optional.of(new AmpliconModel(weighed, mixture));
  }

  private static boolean isOwn(Product product, String locus) {
    return product.locus().equals(locus) && !product.isDecoy();
  }
}
