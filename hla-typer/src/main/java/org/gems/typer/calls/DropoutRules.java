package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Flags a called allele that an amplicon or exon hardly shows. An allele that no amplicon copied
 * leaves no trace, and no flag can tell of it.
 */
final class DropoutRules {
  private final double leastShare;
  private final int leastPairs;

  DropoutRules(Ruleset ruleset) {
    leastShare = ruleset.get(Threshold.DROPOUT_SHARE);
    leastPairs = ruleset.count(Threshold.AMPLICON_MINIMUM_PAIRS);
  }

  List<Flag> flags(CalledGene gene) {
    List<Flag> flags = new ArrayList<>();
    gene.targets().stream().filter(Attribution::isDeciding).forEach(t -> hardlySeen(t, flags));
    return flags;
  }

  private void hardlySeen(Attribution target, List<Flag> flags) {
    double all = target.pairs(0) + target.pairs(1);
    for (int side = 0; side < 2; side++) {
      double share = all > 0 ? target.pairs(side) / all : 1;
      if (share < leastShare && all >= leastPairs) {
        flags.add(dropped(target.name(), target.alleleName(side), share));
      }
    }
  }

  private Flag dropped(String target, String allele, double share) {
    return Flag.of(
        FlagCode.DROPOUT_SUSPECTED,
        "%s shows hardly a pair of %s".formatted(target, allele),
        "amplicon",
        target,
        "allele",
        allele,
        "share",
        share,
        "threshold",
        leastShare);
  }
}
