package org.gems.typer.residue;

import java.util.ArrayList;
import java.util.List;
import org.gems.typer.evidence.Catalog;
import org.gems.typer.evidence.Product;
import org.gems.typer.evidence.SampleEvidence;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.panel.PanelRow;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Flags amplicons of which a pseudogene took a good part. */
final class PseudogeneRules {
  private final Catalog catalog;
  private final SampleEvidence evidence;
  private final double leastShare;
  private final int leastPairs;

  PseudogeneRules(PanelContext panel, Ruleset ruleset) {
    this.catalog = panel.catalog();
    this.evidence = panel.evidence();
    this.leastShare = ruleset.get(Threshold.PSEUDOGENE_MINIMUM_SHARE);
    this.leastPairs = ruleset.count(Threshold.AMPLICON_MINIMUM_PAIRS);
  }

  /** Flags of one gene. */
  List<Flag> flags(String gene) {
    List<Flag> flags = new ArrayList<>();
    for (int row = 0; row < catalog.rows().size(); row++) {
      PanelRow amplicon = catalog.rows().get(row);
      if (amplicon.locus().equals(gene)) {
        int[] products = catalog.productsOfRow(row);
        int all = 0;
        for (int p : products) {
          all += evidence.store(p).size() + evidence.decoyPairs(p);
        }
        for (int p : products) {
          flag(catalog.products().get(p), amplicon, evidence.decoyPairs(p), all, flags);
        }
      }
    }
    return flags;
  }

  private void flag(Product decoy, PanelRow amplicon, int pairs, int all, List<Flag> flags) {
    double share = (double) pairs / Math.max(1, all);
    if (pairs >= leastPairs && share >= leastShare) {
      flags.add(
          Flag.of(
              FlagCode.PSEUDOGENE_READS,
              "%.0f%% of the pairs of %s come from the pseudogene %s"
                  .formatted(100 * share, amplicon.amplicon(), decoy.locus()),
              "gene",
              decoy.locus(),
              "amplicon",
              amplicon.amplicon(),
              "pairs",
              pairs,
              "share",
              share,
              "threshold",
              leastShare));
    }
  }
}
