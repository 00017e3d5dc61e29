package org.gems.typer.evidence;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.gems.typer.reads.FragmentReader;
import org.gems.typer.reads.ReadBatch;
import org.gems.typer.testing.BenchWorld;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Time a pair on its way from the files to its product, step by step and as a whole. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class RoutingBenchmark {
  private static final int ALLELES = 2_000;
  private static final int PAIRS = 32_000;

  private BenchWorld world;
  private ReadBatch batch;
  private PrimerMatcher matcher;
  private PairRouter router;
  private final PackedRead first = new PackedRead();
  private final PackedRead second = new PackedRead();

  /** Makes the world and reads the first batch of its sample. */
  @Setup
  public void make() throws IOException {
    world = new BenchWorld(ALLELES, PAIRS);
    matcher = new PrimerMatcher(world.catalog().rows(), world.ruleset());
    router = new PairRouter(world.catalog(), world.ruleset());
    try (FragmentReader reader = new FragmentReader(world.sample())) {
      batch = reader.next();
    }
  }

  /** Removes the world. */
  @TearDown
  public void remove() throws IOException {
    world.close();
  }

  /** Finds the primers that open a pair. */
  @Benchmark
  @OperationsPerInvocation(ReadBatch.CAPACITY)
  public int primers() {
    int found = 0;
    for (int pair = 0; pair < ReadBatch.CAPACITY; pair++) {
      first.load(batch, pair, 0);
      second.load(batch, pair, 1);
      matcher.match(first, second);
      found += matcher.found();
    }
    return found;
  }

  /** Finds a pair's product and best sequences, its primers included. */
  @Benchmark
  @OperationsPerInvocation(ReadBatch.CAPACITY)
  public RoutedBatch route() {
    return router.route(batch);
  }

  /** Streams the sample's files through routers, on one thread. */
  @Benchmark
  @OperationsPerInvocation(PAIRS)
  public SampleEvidence collectOnOneThread() throws InterruptedException, ExecutionException {
    return collect(1);
  }

  /** The same on two threads. */
  @Benchmark
  @OperationsPerInvocation(PAIRS)
  public SampleEvidence collectOnTwoThreads() throws InterruptedException, ExecutionException {
    return collect(2);
  }

  private SampleEvidence collect(int threads) throws InterruptedException, ExecutionException {
    ForkJoinPool pool = new ForkJoinPool(threads);
    try {
      EvidenceCollector collector = new EvidenceCollector(world.catalog(), world.ruleset());
      return pool.submit(() -> collector.collect(world.sample())).get();
    } finally {
      pool.shutdown();
    }
  }
}
