package org.gems.typer.genotype;

import java.util.Arrays;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Pairs against the few sequences that are weighed of all that a place's alleles may have.
 *
 * @param likelihoods of each pair under each weighed sequence, relative to the best there is for it
 * @param weighedAs for each sequence of all the weighed one that it is, or cannot be told from, or
 *     {@link OptionSets#NONE}
 * @param options what each allele may be
 * @param elsewhere for each pair how likely something else made it
 * @param sharePriorCounts the pull of the alleles' share to one half, in pairs of each as if they
 *     had been seen
 */
public record WeighedPairs(
    float[][] likelihoods,
    int[] weighedAs,
    OptionSets options,
    float[] elsewhere,
    double sharePriorCounts) {

  /** Pairs of which each is as likely as any other to be of something else. */
  public static WeighedPairs of(
      Ruleset ruleset,
      Threshold sharePriorCounts,
      int pairs,
      float[][] likelihoods,
      int[] weighedAs,
      OptionSets options) {
    float[] elsewhere = new float[pairs];
    Arrays.fill(elsewhere, (float) ruleset.get(Threshold.OUTLIER_RATE));
    return new WeighedPairs(
        likelihoods, weighedAs, options, elsewhere, ruleset.get(sharePriorCounts));
  }
}
