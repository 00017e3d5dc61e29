package org.gems.typer.residue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.gems.typer.calls.Attribution;
import org.gems.typer.evidence.Amplicon;
import org.gems.typer.evidence.PairStore;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Sorts the pairs that the called alleles do not explain: chimeras, and others' sequences. */
final class ResidueSorter {
  private final double margin;
  private final Crossover crossover;

  ResidueSorter(Ruleset ruleset) {
    margin = ruleset.get(Threshold.SUPPORT_MARGIN_LN);
    crossover = new Crossover(QualityModel.of(ruleset));
  }

  /**
   * Sorts a target's rest.
   *
   * @param alleles of the gene
   * @param parentages what a chimera of it may be made of
   */
  TargetResidue sort(Attribution target, int alleles, List<Parentage> parentages) {
    List<Chimera> chimeras = new ArrayList<>();
    List<BitSet> foreign = new ArrayList<>();
    for (int pair = 0; pair < target.target().pairs(); pair++) {
      if (target.isOutlier(pair)) {
        Optional<Chimera> chimera = chimera(target, pair, parentages);
        chimera.ifPresent(chimeras::add);
        if (chimera.isEmpty() && !target.isNearest(pair)) {
          foreign.add(target.target().explaining(pair));
        }
      }
    }
    return new TargetResidue(
        target, List.copyOf(chimeras), ForeignPairs.of(target, alleles, foreign));
  }

  /** The crossover that explains a pair about as well as the best sequence of all. */
  private Optional<Chimera> chimera(Attribution target, int pair, List<Parentage> parentages) {
    if (!(target.target() instanceof Amplicon amplicon)) {
      return Optional.empty();
    }
    PairStore store = amplicon.store();
    double best = -(double) store.leastLoss(pair) / QualityModel.LOSS_SCALE - margin;
    Chimera found = null;
    for (Parentage parents : parentages) {
      Crossover.Best tried =
          crossover.best(store, pair, parents.first().sequence(), parents.second().sequence());
      if (tried.score() > best) {
        best = tried.score();
        found = new Chimera(parents, tried.from(), tried.to());
      }
    }
    return Optional.ofNullable(found);
  }
}
