package org.gems.typer.genotype;

import java.util.List;

/**
 * What the typer found for one gene.
 *
 * @param model the gene's alleles and amplicons
 * @param mixture how pairs divide between two alleles
 * @param search tells which alleles are as good as the called ones
 * @param ranked genotypes, the called one first; at least one
 */
public record LocusResult(
    LocusModel model, Mixture mixture, GenotypeSearch search, List<Genotype> ranked) {
  /** The genotype that is called. */
  public Genotype called() {
    return ranked.get(0);
  }

  /** The options that a genotype takes in an amplicon. */
  public AmpliconModel.Choice choice(Genotype genotype, int amplicon) {
    AmpliconModel model = model().amplicons().get(amplicon);
    int one = genotype.one().set(amplicon);
    return genotype.isHomozygous()
        ? model.chooseHomozygous(one)
        : model.choose(one, genotype.two().set(amplicon));
  }
}
