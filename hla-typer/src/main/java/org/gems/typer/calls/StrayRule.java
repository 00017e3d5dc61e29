package org.gems.typer.calls;

import java.util.Map;
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

  /** The rule for one base of a gene. */
  static StrayRule ofBase(Ruleset ruleset) {
    return new StrayRule(
        ruleset.count(Threshold.STRAY_PAIRS), ruleset.get(Threshold.NEW_ALLELE_SHARE_OF_AMPLICON));
  }

  /** Whether so many strays among a place's pairs are told of. */
  boolean isMet(int strays, int pairs) {
    return strays >= leastPairs && share(strays, pairs) >= leastShare;
  }

  private static double share(int strays, int pairs) {
    return (double) strays / Math.max(1, pairs);
  }

  /** The numbers behind a flag. */
  Map<String, Object> evidence(String gene, String place, int strays, int pairs) {
    return Flag.evidenceOf(
        "gene",
        gene,
        "amplicon",
        place,
        "pairs",
        strays,
        "share",
        share(strays, pairs),
        "threshold",
        leastShare);
  }

  /**
   * What is to be said of a place; empty where strays are few.
   *
   * @param place an amplicon, an exon, or all exons
   * @param named the place as the message names it
   */
  public Optional<Flag> flag(String gene, String place, String named, int strays, int pairs) {
    if (!isMet(strays, pairs)) {
      return Optional.empty();
    }
    return Optional.of(
        new Flag(
            FlagCode.STRAY_PAIRS,
            "%d of %d pairs of %s fit none of the called alleles".formatted(strays, pairs, named),
            evidence(gene, place, strays, pairs)));
  }

  /** The same of a called gene's target. */
  public Optional<Flag> flag(String gene, Attribution target) {
    String name = target.name();
    return flag(gene, name, name, target.outliers(), target.target().pairs());
  }
}
