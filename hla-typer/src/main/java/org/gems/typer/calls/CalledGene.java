package org.gems.typer.calls;

import java.util.List;
import org.gems.typer.genotype.LocusResult;

/**
 * What a gene's call rests on.
 *
 * @param result its ranked genotypes
 * @param amplicons how their pairs divide between the called alleles
 * @param variants sequences near the called alleles that are none's
 */
public record CalledGene(LocusResult result, List<Attribution> amplicons, List<Variant> variants) {
  /** The gene. */
  public String gene() {
    return result.model().table().locus();
  }
}
