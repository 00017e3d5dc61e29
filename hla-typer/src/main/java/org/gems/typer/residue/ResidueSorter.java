package org.gems.typer.residue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.gems.typer.calls.Attribution;
import org.gems.typer.evidence.NearestSequences;
import org.gems.typer.evidence.PairStore;
import org.gems.typer.genotype.AmpliconEvidence;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Sorts the pairs that the called alleles do not explain: chimeras, and others' sequences. */
final class ResidueSorter {
  private final double margin;
  private final NearestSequences nearest;
  private final Crossover crossover;

  ResidueSorter(Ruleset ruleset) {
    QualityModel qualities = new QualityModel(ruleset.get(Threshold.BASE_ERROR_FLOOR));
    margin = ruleset.get(Threshold.SUPPORT_MARGIN_LN);
    nearest = new NearestSequences(qualities);
    crossover = new Crossover(qualities);
  }

  /**
   * Sorts an amplicon's rest.
   *
   * @param parentages what a chimera of it may be made of
   */
  AmpliconResidue sort(Attribution amplicon, List<Parentage> parentages) {
    List<Chimera> chimeras = new ArrayList<>();
    List<BitSet> foreign = new ArrayList<>();
    AmpliconEvidence evidence = amplicon.evidence();
    for (int pair = 0; pair < evidence.pairs(); pair++) {
      if (amplicon.isOutlier(pair)) {
        Optional<Chimera> chimera = chimera(evidence.store(), pair, parentages);
        chimera.ifPresent(chimeras::add);
        if (chimera.isEmpty()) {
          foreign.add(explaining(evidence, pair));
        }
      }
    }
    return new AmpliconResidue(amplicon, List.copyOf(chimeras), List.copyOf(foreign));
  }

  /** The crossover that explains a pair about as well as the best sequence of all. */
  private Optional<Chimera> chimera(PairStore store, int pair, List<Parentage> parentages) {
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

  private BitSet explaining(AmpliconEvidence evidence, int pair) {
    HaplotypeSet set = evidence.product().haplotypes();
    PairStore store = evidence.store();
    nearest.load(store.left(pair), store.right(pair));
    int loss = (int) Math.round(QualityModel.LOSS_SCALE * margin);
    nearest.search(set, store.leastLoss(pair), loss);
    BitSet found = new BitSet(set.size());
    for (int i = 0; i < nearest.size(); i++) {
      found.set(nearest.sequence(i));
    }
    return found;
  }
}
