package org.gems.typer.evidence;

import java.util.List;
import org.gems.typer.calls.Variant;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Flags a gene of which many pairs are like no allele. Such pairs have no say in the call, which
 * may lack their allele.
 */
final class StrangerFlags {
  private final List<Variant> strangers;
  private final double leastShare;

  /**
   * @param strangers sequences that recur among pairs which nothing explains
   */
  StrangerFlags(Ruleset ruleset, List<Variant> strangers) {
    this.strangers = List.copyOf(strangers);
    this.leastShare = ruleset.get(Threshold.NEW_ALLELE_SHARE_OF_AMPLICON);
  }

  /** The flags of a gene's call. */
  List<Flag> of(String gene) {
    return strangers.stream()
        .filter(stranger -> stranger.locus().equals(gene) && stranger.share() >= leastShare)
        .map(this::unexplained)
        .distinct()
        .toList();
  }

  private Flag unexplained(Variant stranger) {
    return Flag.of(
        FlagCode.UNEXPLAINED_SEQUENCE,
        "%d pairs of %s are of a sequence that no allele explains"
            .formatted(stranger.pairs(), stranger.amplicon()),
        "amplicon",
        stranger.amplicon(),
        "gene",
        stranger.locus(),
        "pairs",
        stranger.pairs(),
        "share",
        stranger.share(),
        "threshold",
        leastShare);
  }
}
