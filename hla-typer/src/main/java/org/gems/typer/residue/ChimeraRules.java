package org.gems.typer.residue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.gems.typer.calls.Attribution;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Flags chimeras: among the pairs that are left, and among the called alleles. */
final class ChimeraRules {
  private final double leastShare;
  private final int leastPairs;

  ChimeraRules(Ruleset ruleset) {
    leastShare = ruleset.get(Threshold.CHIMERA_MINIMUM_SHARE);
    leastPairs = ruleset.count(Threshold.CHIMERA_MINIMUM_PAIRS);
  }

  /** Flags of one gene. */
  List<Flag> flags(SampleResidue residue, String gene) {
    List<Flag> flags = new ArrayList<>();
    residue.of(gene).forEach(amplicon -> frequent(amplicon, flags));
    List<Attribution> deciding =
        residue.attributions(gene).stream().filter(Attribution::isDeciding).toList();
    for (int side = 0; side < 2 && !deciding.isEmpty(); side++) {
      madeOfOthers(residue, deciding, side, flags);
    }
    return flags;
  }

  private void frequent(TargetResidue amplicon, List<Flag> flags) {
    Map<String, List<Chimera>> byParents = new TreeMap<>();
    for (Chimera chimera : amplicon.chimeras()) {
      byParents.computeIfAbsent(chimera.parents().names(), k -> new ArrayList<>()).add(chimera);
    }
    byParents.forEach(
        (parents, chimeras) -> {
          double share = (double) chimeras.size() / amplicon.pairs();
          if (chimeras.size() >= leastPairs && share >= leastShare) {
            flags.add(suspected(amplicon, parents, chimeras, share));
          }
        });
  }

  private Flag suspected(
      TargetResidue amplicon, String parents, List<Chimera> chimeras, double share) {
    return Flag.of(
        FlagCode.CHIMERA_SUSPECTED,
        "%.0f%% of the pairs of %s are part %s"
            .formatted(100 * share, amplicon.name(), parents.replace(" x ", ", part ")),
        "amplicon",
        amplicon.name(),
        "parents",
        parents,
        "pairs",
        chimeras.size(),
        "share",
        share,
        "threshold",
        leastShare,
        "breakpoint_from",
        chimeras.stream().mapToInt(Chimera::from).min().orElse(0),
        "breakpoint_to",
        chimeras.stream().mapToInt(Chimera::to).max().orElse(0));
  }

  /**
   * A called allele that is a crossover of other sequences wherever it differs from its partner.
   */
  private static void madeOfOthers(
      SampleResidue residue, List<Attribution> deciding, int side, List<Flag> flags) {
    String parents = "";
    String amplicons = "";
    double own = 0;
    double all = 0;
    for (Attribution amplicon : deciding) {
      String found = residue.makersOfSide(amplicon, side).orElse("");
      if (found.isEmpty()) {
        return;
      }
      parents = found;
      amplicons += (amplicons.isEmpty() ? "" : ", ") + amplicon.name();
      own += amplicon.pairs(side);
      all += amplicon.pairs(0) + amplicon.pairs(1);
    }
    String allele = deciding.get(0).alleleName(side);
    flags.add(
        Flag.of(
            FlagCode.CHIMERA_EQUALS_ALLELE,
            "%s looks the same as a chimera of %s would in %s"
                .formatted(allele, parents.replace(" x ", " and "), amplicons),
            "allele",
            allele,
            "parents",
            parents,
            "amplicons",
            amplicons,
            "share",
            own / Math.max(1, all)));
  }

  /** The flag of chimeras that an allele which is not called would look like. */
  Flag like(String allele, String parents, ThirdAllele seen) {
    return Flag.of(
        FlagCode.CHIMERA_SUSPECTED,
        "%d pairs look like %s, but a chimera of %s would look the same"
            .formatted(seen.pairs(), allele, parents.replace(" x ", " and ")),
        "equals",
        allele,
        "parents",
        parents,
        "pairs",
        seen.pairs(),
        "share",
        seen.share());
  }
}
