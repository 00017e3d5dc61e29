package org.gems.typer.shotgun;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.gems.typer.evidence.BatchRounds;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Streams a sample's pairs, gives each to the gene that explains it best, and keeps exons' pairs.
 */
public final class ShotgunCollector {
  private static final int BIN_COLUMNS = 32;

  private final int cap;
  private final ShotgunEvidence evidence;
  private final Map<Long, Integer> kept = new HashMap<>();

  private ShotgunCollector(ShotgunLibrary library, Ruleset ruleset) {
    cap = ruleset.count(Threshold.SHOTGUN_PAIRS_CAP_PER_BIN);
    evidence = new ShotgunEvidence(library.genes().size());
  }

  /**
   * Reads a sample to its end.
   *
   * @param wanted the genes to be typed
   * @throws IOException where a file cannot be closed
   * @throws org.gems.typer.BadInputException where a file is not as it must be
   */
  public static ShotgunEvidence collect(
      ShotgunLibrary library, Ruleset ruleset, Set<String> wanted, Sample sample)
      throws IOException {
    ShotgunCollector collector = new ShotgunCollector(library, ruleset);
    BatchRounds<PairPlacer, List<Verdict>> rounds =
        new BatchRounds<>(() -> new PairPlacer(library, ruleset, wanted), PairPlacer::place);
    rounds.forEach(sample, verdicts -> verdicts.forEach(collector::take));
    return collector.evidence;
  }

  private void take(Verdict verdict) {
    evidence.countPair();
    if (verdict.lost() != null) {
      evidence.lose(verdict.lost());
      return;
    }
    long bin = ((long) verdict.gene() << 32) | (verdict.column() / BIN_COLUMNS);
    if (kept.merge(bin, 1, Integer::sum) > cap) {
      evidence.lose(ShotgunFilter.BEYOND_DEPTH_CAP);
    } else {
      evidence.fragments(verdict.gene()).add(new Fragment(verdict.reads()));
    }
  }
}
