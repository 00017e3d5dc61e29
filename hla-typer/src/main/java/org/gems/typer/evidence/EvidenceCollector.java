package org.gems.typer.evidence;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinTask;
import org.gems.typer.BadInputException;
import org.gems.typer.reads.FragmentReader;
import org.gems.typer.reads.ReadBatch;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Streams a sample's pairs through routers. While a round of batches is routed, by as many threads
 * as are idle, the next round is read; what comes of the pairs is taken in their order, so that the
 * number of threads changes nothing.
 */
public final class EvidenceCollector {
  private static final char SURE_QUALITY = '!' + 40;

  /** Batches of a round: enough to keep the threads of a worker busy, few megabytes. */
  private static final int BATCHES = 8;

  private final Catalog catalog;
  private final Ruleset ruleset;
  private final Queue<PairRouter> idle = new ConcurrentLinkedQueue<>();

  /** A collector for the samples of a run; safe for use by several threads. */
  public EvidenceCollector(Catalog catalog, Ruleset ruleset) {
    this.catalog = catalog;
    this.ruleset = ruleset;
  }

  /**
   * Reads a sample to its end.
   *
   * @throws IOException where a file cannot be closed
   * @throws org.gems.typer.BadInputException where a file is not as it must be
   */
  public SampleEvidence collect(Sample sample) throws IOException {
    sample.r2(); // says at once what is wrong with a sample of single reads
    SampleEvidence evidence = new SampleEvidence(catalog, ruleset);
    try (FragmentReader reader = new FragmentReader(sample)) {
      List<ReadBatch> round = read(reader);
      while (!round.isEmpty()) {
        ForkJoinTask<List<ReadBatch>> next = ForkJoinTask.adapt(() -> read(reader)).fork();
        try {
          List<RoutedBatch> routed = round.parallelStream().map(this::route).toList();
          routed.forEach(batch -> batch.addTo(evidence));
        } finally {
          next.quietlyJoin();
        }
        round = result(next);
      }
    }
    requirePrimers(evidence, ruleset, sample);
    return evidence;
  }

  /** Routes pairs that were made, every base of them sure. */
  public SampleEvidence collect(List<MadePair> pairs) {
    SampleEvidence evidence = new SampleEvidence(catalog, ruleset);
    for (int from = 0; from < pairs.size(); from += ReadBatch.CAPACITY) {
      ReadBatch batch = new ReadBatch();
      for (MadePair pair : pairs.subList(from, Math.min(pairs.size(), from + ReadBatch.CAPACITY))) {
        batch.addFragment(pair.first(), pair.second(), (byte) SURE_QUALITY);
      }
      route(batch).addTo(evidence);
    }
    return evidence;
  }

  private static List<ReadBatch> read(FragmentReader reader) {
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

  private RoutedBatch route(ReadBatch batch) {
    PairRouter free = idle.poll();
    PairRouter router = free == null ? new PairRouter(catalog, ruleset) : free;
    RoutedBatch routed = router.route(batch);
    idle.add(router);
    return routed;
  }

  private static List<ReadBatch> result(ForkJoinTask<List<ReadBatch>> task) throws IOException {
    try {
      return task.get();
    } catch (InterruptedException e) {
      throw new InterruptedIOException("typing was interrupted");
    } catch (ExecutionException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof BadInputException problem) {
          throw problem;
        }
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Reads of another kit, or without their primers, would else be told as genes without reads. */
  private static void requirePrimers(SampleEvidence evidence, Ruleset ruleset, Sample sample) {
    int opened = evidence.pairs();
    for (Filter filter :
        List.of(Filter.NO_PRIMER, Filter.ONE_PRIMER, Filter.PRIMER_PAIR_MISMATCH)) {
      opened -= evidence.lost(filter);
    }
    double share = ruleset.get(Threshold.SAMPLE_MINIMUM_PRIMER_SHARE);
    if (opened < share * evidence.pairs()) {
      throw new BadInputException(
          sample.r1().toString(),
          0,
          "pairs that begin with the panel's primers, at least %s%%".formatted(100 * share),
          "%d of %d".formatted(opened, evidence.pairs()),
          "check that the panel is the kit's and that no primers were trimmed; "
              + "reads of no panel are typed with --panel none");
    }
  }
}
