package org.gems.typer.residue;

import java.util.Optional;
import java.util.stream.IntStream;
import org.gems.typer.Bases;
import org.gems.typer.evidence.Product;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.panel.PanelRow;
import org.gems.typer.residue.Parentage.Parent;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Which other sequences an amplicon's primers may copy, and so make chimeras with. */
final class Kinship {
  private final int maximumMismatches;
  private final int minimumPairs;

  Kinship(Ruleset ruleset) {
    maximumMismatches = 2 * ruleset.count(Threshold.PRIMER_MAXIMUM_MISMATCHES);
    minimumPairs = ruleset.count(Threshold.SUPPORT_MINIMUM_PAIRS);
  }

  /** Whether one stretch of DNA could be within the tolerance of both rows' primers. */
  boolean isNear(PanelRow one, PanelRow two) {
    return mismatches(one.forwardPrimer(), two.forwardPrimer()) <= maximumMismatches
        && mismatches(one.reversePrimer(), two.reversePrimer()) <= maximumMismatches;
  }

  /** Counted from the primers' 3' ends, where they must hold. */
  private static int mismatches(String one, String two) {
    return (int)
        IntStream.rangeClosed(1, Math.min(one.length(), two.length()))
            .filter(i -> !mayMatch(one.charAt(one.length() - i), two.charAt(two.length() - i)))
            .count();
  }

  private static boolean mayMatch(char one, char two) {
    return (Bases.set(one) & Bases.set(two)) != 0;
  }

  /** The sequence of a pseudogene that most of its pairs support, if any do. */
  Optional<Parent> mostSeen(Product decoy, int[] support) {
    int best = 0;
    for (int h = 1; h < support.length; h++) {
      best = support[h] > support[best] ? h : best;
    }
    HaplotypeSet set = decoy.haplotypes();
    int seen = best;
    return support.length == 0 || support[best] < minimumPairs
        ? Optional.empty()
        : IntStream.range(0, decoy.table().alleles().size())
            .filter(a -> IntStream.of(set.optionsOf(a)).anyMatch(h -> h == seen))
            .mapToObj(a -> decoy.table().alleles().get(a).name().text())
            .findFirst()
            .map(name -> new Parent(name, set.sequence(seen)));
  }
}
