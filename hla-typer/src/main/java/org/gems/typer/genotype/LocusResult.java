package org.gems.typer.genotype;

import java.util.List;

/**
 * What the typer found for one gene.
 *
 * @param model the gene's alleles and targets
 * @param search tells which alleles are as good as the called ones
 * @param ranked genotypes, the called one first; at least one
 */
public record LocusResult(LocusModel model, GenotypeSearch search, List<Genotype> ranked) {
  /** The genotype that is called. */
  public Genotype called() {
    return ranked.get(0);
  }

  /** The gene. */
  public String gene() {
    return model.table().locus();
  }

  /** The options that a genotype takes in a target. */
  public TargetModel.Choice choice(Genotype genotype, int target) {
    TargetModel of = model().targets().get(target);
    int one = genotype.one().set(target);
    return genotype.isHomozygous()
        ? of.chooseHomozygous(one)
        : of.choose(one, genotype.two().set(target));
  }
}
