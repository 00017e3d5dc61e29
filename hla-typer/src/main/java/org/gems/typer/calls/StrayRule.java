package org.gems.typer.calls;

import java.util.Optional;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * When pairs that no called allele explains are told of: pairs of a third allele, of another gene,
 * or of an allele that the call lacks.
 *
 * @param leastPairs fewer are a share of nothing
 * @param leastShare of all pairs of a place
 */
public record StrayRule(int leastPairs, double leastShare) {
  /** The rule for one amplicon or exon. */
  public static StrayRule ofOne(Ruleset ruleset) {
    return new StrayRule(ruleset.count(Threshold.STRAY_PAIRS), ruleset.get(Threshold.STRAY_SHARE));
  }

  /**
   * What is to be said of a place; empty where strays are few.
   *
   * @param place an amplicon, an exon, or all exons
   * @param named the place as the message names it
   */
  public Optional<Flag> flag(String gene, String place, String named, int strays, int pairs) {
    double share = (double) strays / Math.max(1, pairs);
    if (strays < leastPairs || share < leastShare) {
      return Optional.empty();
    }
    return Optional.of(
        Flag.of(
            FlagCode.STRAY_PAIRS,
            "%d of %d pairs of %s fit none of the called alleles".formatted(strays, pairs, named),
            "gene",
            gene,
            "amplicon",
            place,
            "pairs",
            strays,
            "share",
            share,
            "threshold",
            leastShare));
  }

  /** The same of a called gene's target. */
  public Optional<Flag> flag(String gene, Attribution target) {
    String name = target.name();
    return flag(gene, name, name, target.outliers(), target.target().pairs());
  }
}
