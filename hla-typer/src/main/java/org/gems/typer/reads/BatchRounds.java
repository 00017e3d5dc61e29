package org.gems.typer.reads;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinTask;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.gems.typer.BadInputException;
import org.gems.typer.reads.SampleSheet.Sample;

/**
 * Streams a sample in rounds of batches. While a round is worked on, by as many threads as are
 * idle, the next one is read; what comes of the batches is taken in their order, so that the number
 * of threads changes nothing.
 *
 * @param <W> what works on a batch; one thread uses it at a time, and it is used again and again
 * @param <R> what comes of a batch
 */
public final class BatchRounds<W, R> {
  /** Batches of a round: enough to keep the threads of a worker busy, few megabytes. */
  private static final int BATCHES = 8;

  private final Supplier<W> makeWorker;
  private final BiFunction<W, ReadBatch, R> work;
  private final Queue<W> idle = new ConcurrentLinkedQueue<>();

  /** Rounds that are safe for use by several threads. */
  public BatchRounds(Supplier<W> makeWorker, BiFunction<W, ReadBatch, R> work) {
    this.makeWorker = makeWorker;
    this.work = work;
  }

  /**
   * Reads a sample to its end.
   *
   * @param leading bases at the reads' starts that are left out
   * @return what the files told beside their fragments
   * @throws IOException where a file cannot be closed
   * @throws BadInputException where a file is not as it must be
   */
  public ReaderNotes forEach(Sample sample, LeadingBases leading, Consumer<R> take)
      throws IOException {
    try (FragmentReader reader = new FragmentReader(sample, leading)) {
      List<ReadBatch> round = read(reader);
      while (!round.isEmpty()) {
        ForkJoinTask<List<ReadBatch>> next = ForkJoinTask.adapt(() -> read(reader)).fork();
        try {
          round.parallelStream().map(this::apply).toList().forEach(take);
        } finally {
          next.quietlyJoin();
        }
        round = result(next);
      }
      return reader.notes();
    }
  }

  /** What comes of one batch. */
  public R apply(ReadBatch batch) {
    W free = idle.poll();
    W worker = free == null ? makeWorker.get() : free;
    R result = work.apply(worker, batch);
    idle.add(worker);
    return result;
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

  private static <T> T result(ForkJoinTask<T> task) throws IOException {
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
}
