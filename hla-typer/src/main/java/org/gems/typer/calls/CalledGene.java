package org.gems.typer.calls;

import java.util.List;
import java.util.Optional;
import org.gems.typer.flags.Flag;
import org.gems.typer.genotype.LocusResult;

/**
 * What a gene's call rests on.
 *
 * @param result its ranked genotypes
 * @param targets how their pairs divide between the called alleles
 * @param regions what the pairs show of them
 * @param variants sequences near the called alleles that are none's
 * @param drawing what a page draws of them
 * @param contradicted where pairs contradict their phase
 */
public record CalledGene(
    LocusResult result,
    List<Attribution> targets,
    List<RegionReads> regions,
    List<Variant> variants,
    Drawing drawing,
    Optional<Flag> contradicted) {
  /** The gene. */
  public String gene() {
    return result.gene();
  }
}
