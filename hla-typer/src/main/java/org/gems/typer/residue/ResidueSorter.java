package org.gems.typer.residue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.gems.typer.calls.Attribution;
import org.gems.typer.evidence.PairScorer;
import org.gems.typer.evidence.PairStore;
import org.gems.typer.genotype.AmpliconEvidence;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Sorts the pairs that the called alleles do not explain: chimeras, and others' sequences. */
final class ResidueSorter {
  private final double margin;
  private final PairScorer scorer;
  private final Crossover crossover;
  private float[] scores = new float[0];

  ResidueSorter(Ruleset ruleset) {
    QualityModel qualities = new QualityModel(ruleset.get(Threshold.BASE_ERROR_FLOOR));
    margin = ruleset.get(Threshold.SUPPORT_MARGIN_LN);
    scorer = new PairScorer(qualities);
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
    double best = store.bestScore(pair) - margin;
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
    if (scores.length < set.size()) {
      scores = new float[set.size()];
    }
    PairStore store = evidence.store();
    scorer.score(set, store.left(pair), store.right(pair), scores);
    BitSet found = new BitSet(set.size());
    for (int h = 0; h < set.size(); h++) {
      found.set(h, scores[h] >= store.bestScore(pair) - margin);
    }
    return found;
  }
}
