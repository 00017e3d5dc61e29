package org.gems.typer.genotype;

/**
 * How well two sequences together explain a target's pairs.
 *
 * @param logLikelihood natural logarithm, relative to every pair's best sequence
 * @param share of the first sequence
 */
public record Fit(double logLikelihood, double share) {
  /** The same with the sequences in the other order. */
  Fit turned() {
    return new Fit(logLikelihood, 1 - share);
  }
}
