package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Flags an allele that an amplicon may not have copied. Of two called alleles one is hardly seen in
 * an amplicon; beside a single one another may hide in an amplicon that gave no reads. An allele
 * that no amplicon copied leaves no trace, and no flag can tell of it.
 */
final class DropoutRules {
  /** The code of the flag. */
  static final String CODE = "dropout_suspected";

  private final double leastShare;

  DropoutRules(Ruleset ruleset) {
    leastShare = ruleset.get(Threshold.DROPOUT_SHARE);
  }

  List<Flag> flags(LocusResult result, List<Attribution> amplicons) {
    List<Flag> flags = new ArrayList<>();
    if (result.called().isHomozygous()) {
      hidden(result, amplicons, flags);
    } else {
      amplicons.stream().filter(Attribution::isDeciding).forEach(a -> hardlySeen(a, flags));
    }
    return flags;
  }

  private void hardlySeen(Attribution amplicon, List<Flag> flags) {
    double all = amplicon.pairs(0) + amplicon.pairs(1);
    for (int side = 0; side < 2; side++) {
      double share = all > 0 ? amplicon.pairs(side) / all : 1;
      if (share < leastShare) {
        flags.add(dropped(amplicon.amplicon(), amplicon.alleleName(side), share));
      }
    }
  }

  private Flag dropped(String amplicon, String allele, double share) {
    return new Flag(
        CODE,
        "%s shows hardly a pair of %s".formatted(amplicon, allele),
        Flag.evidenceOf(
            "amplicon", amplicon, "allele", allele, "share", share, "threshold", leastShare));
  }

  private static void hidden(LocusResult result, List<Attribution> amplicons, List<Flag> flags) {
    List<String> seen = amplicons.stream().map(Attribution::amplicon).toList();
    String silent =
        result.model().products().stream()
            .map(product -> product.row().amplicon())
            .filter(name -> !seen.contains(name))
            .collect(Collectors.joining(", "));
    if (!silent.isEmpty()) {
      String allele = amplicons.get(0).alleleName(0);
      flags.add(
          new Flag(
              CODE,
              "Another allele beside %s could differ in %s, which gave too few pairs"
                  .formatted(allele, silent),
              Flag.evidenceOf("amplicon", silent, "allele", allele)));
    }
  }
}
