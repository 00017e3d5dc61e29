package org.gems.typer.genotype;

import java.util.List;

/**
 * A ranked answer for one gene.
 *
 * @param one the class of one allele
 * @param two the class of the other; the same object for two equal copies
 * @param logLikelihood after what a second allele and one that the release leaves open pay
 */
public record Genotype(AlleleClass one, AlleleClass two, double logLikelihood) {
  /** Whether both copies are of one class. */
  public boolean isHomozygous() {
    return one == two;
  }

  /** The classes, each once. */
  public List<AlleleClass> classes() {
    return isHomozygous() ? List.of(one) : List.of(one, two);
  }
}
