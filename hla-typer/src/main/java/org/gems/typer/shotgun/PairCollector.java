package org.gems.typer.shotgun;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import org.gems.typer.reads.BatchRounds;
import org.gems.typer.reads.LeadingBases;
import org.gems.typer.reads.ReadCounts;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Streams a sample's pairs and keeps those that lie in exons. Of more pairs of one exon than are
 * weighed those with the lowest hashes of their names are kept, so that the order of the file
 * decides nothing.
 */
final class PairCollector extends ReadCounts<ShotgunFilter> {
  private final int cap;
  private final int[] elsewhereByGene;
  private final Map<Long, PriorityQueue<Fragment>> kept = new TreeMap<>();
  private final IntronPairs ofIntrons;

  private PairCollector(ShotgunLibrary library, Ruleset ruleset) {
    super(ShotgunFilter.class);
    cap = ruleset.count(Threshold.SHOTGUN_PAIRS_CAP_PER_EXON);
    ofIntrons = new IntronPairs(ruleset);
    elsewhereByGene = new int[library.genes().size()];
  }

  /**
   * Reads a sample to its end.
   *
   * @param wanted the genes to be typed
   * @throws IOException where a file cannot be closed
   * @throws org.gems.typer.BadInputException where a file is not as it must be
   */
  static PairCollector collect(
      ShotgunLibrary library, Ruleset ruleset, Set<String> wanted, Sample sample)
      throws IOException {
    PairCollector collector = new PairCollector(library, ruleset);
    BatchRounds<PairPlacer, List<Verdict>> rounds =
        new BatchRounds<>(
            () -> new PairPlacer(library, ruleset, wanted, collector.ofIntrons), PairPlacer::place);
    collector.readFrom(
        rounds.forEach(sample, LeadingBases.NONE, verdicts -> verdicts.forEach(collector::take)));
    return collector;
  }

  private void take(Verdict verdict) {
    countPair();
    if (verdict.lost() != null) {
      lose(verdict.lost());
      if (verdict.gene() >= 0) {
        elsewhereByGene[verdict.gene()]++;
      }
      if (verdict.fragment() != null) {
        ofIntrons.add(verdict.stretch(), verdict.fragment());
      }
      return;
    }
    Placement best = verdict.fragment().best();
    long exon = (long) best.gene() << Integer.SIZE | best.exon();
    PriorityQueue<Fragment> own =
        kept.computeIfAbsent(
            exon, e -> new PriorityQueue<>(Comparator.comparingLong(Fragment::name).reversed()));
    own.add(verdict.fragment());
    if (own.size() > cap) {
      own.poll();
      lose(ShotgunFilter.BEYOND_DEPTH_CAP);
    }
  }

  /** The kept pairs, exon by exon, in an order that the file has no part in. */
  List<Fragment> fragments() {
    List<Fragment> all = new ArrayList<>();
    kept.values()
        .forEach(
            own -> own.stream().sorted(Comparator.comparingLong(Fragment::name)).forEach(all::add));
    return all;
  }

  /** The kept pairs that lie in introns and untranslated ends, each of one gene only. */
  List<Fragment> ofIntrons() {
    return ofIntrons.fragments();
  }

  /** Pairs that a gene explains which is not typed, and no typed one. */
  int elsewhere(int gene) {
    return elsewhereByGene[gene];
  }
}
