package org.gems.typer.shotgun;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.gems.typer.reads.FragmentReader;
import org.gems.typer.reads.ReadBatch;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Streams a sample's pairs, gives each to the gene that explains it best, and keeps exons' pairs.
 * Batches are placed by as many threads as are idle; what comes of them is taken in their order.
 */
public final class ShotgunCollector {
  private static final int BIN_COLUMNS = 32;

  /** Batches in hand at a time: enough to keep the threads of a worker busy, few megabytes. */
  private static final int BATCHES = 16;

  private final ShotgunLibrary library;
  private final Ruleset ruleset;
  private final Set<String> wanted;
  private final int cap;
  private final ShotgunEvidence evidence;
  private final Queue<PairPlacer> idle = new ConcurrentLinkedQueue<>();
  private final Map<Long, Integer> kept = new HashMap<>();

  private ShotgunCollector(ShotgunLibrary library, Ruleset ruleset, Set<String> wanted) {
    this.library = library;
    this.ruleset = ruleset;
    this.wanted = wanted;
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
    ShotgunCollector collector = new ShotgunCollector(library, ruleset, wanted);
    try (FragmentReader reader = new FragmentReader(sample)) {
      List<ReadBatch> batches = batches(reader);
      while (!batches.isEmpty()) {
        batches.parallelStream()
            .map(collector::placed)
            .toList()
            .forEach(verdicts -> verdicts.forEach(collector::take));
        batches = batches(reader);
      }
    }
    return collector.evidence;
  }

  private static List<ReadBatch> batches(FragmentReader reader) {
    List<ReadBatch> batches = new ArrayList<>();
    for (int i = 0; i < BATCHES; i++) {
      ReadBatch batch = reader.next();
      if (batch.size() == 0) {
        break;
      }
      batches.add(batch);
    }
    return batches;
  }

  private List<Verdict> placed(ReadBatch batch) {
    PairPlacer free = idle.poll();
    PairPlacer placer = free == null ? new PairPlacer(library, ruleset, wanted) : free;
    List<Verdict> verdicts = placer.place(batch);
    idle.add(placer);
    return verdicts;
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
