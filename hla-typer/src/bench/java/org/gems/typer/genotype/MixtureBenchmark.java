package org.gems.typer.genotype;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.gems.typer.evidence.EvidenceCollector;
import org.gems.typer.evidence.PanelReads;
import org.gems.typer.evidence.SampleEvidence;
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
import org.openjdk.jmh.annotations.Warmup;

/** Time a pair of an amplicon when two sequences are fitted to all its pairs. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class MixtureBenchmark {
  private static final int ALLELES = 200;
  private static final int AMPLICONS = 8;
  private static final int AMPLICON_PAIRS = 1_000;

  private Mixture mixture;
  private Target evidence;
  private Fit fitted;
  private double[] shares;

  /** Types a sample as far as an amplicon's evidence. */
  @Setup
  public void make() throws IOException {
    try (BenchWorld world = new BenchWorld(ALLELES, AMPLICONS * AMPLICON_PAIRS)) {
      SampleEvidence sample =
          new EvidenceCollector(world.catalog(), world.ruleset()).collect(world.sample());
      PanelReads reads = new PanelReads(world.catalog(), world.ruleset(), sample);
      String gene = world.catalog().products().get(0).locus();
      evidence = reads.evidence(gene).orElseThrow().targets().get(0);
      mixture = new Mixture(world.ruleset());
    }
    if (evidence.size() < 2 || evidence.pairs() < AMPLICON_PAIRS * 9 / 10) {
      throw new IllegalStateException(evidence.size() + " sequences, " + evidence.pairs());
    }
    fitted = fit();
    shares = new double[2];
  }

  /** Estimates the share and weighs all pairs. */
  @Benchmark
  @OperationsPerInvocation(AMPLICON_PAIRS)
  public Fit fit() {
    return mixture.fit(evidence.weighed(), evidence.likelihoods(0), evidence.likelihoods(1));
  }

  /** Says of each pair where it comes from. */
  @Benchmark
  @OperationsPerInvocation(AMPLICON_PAIRS)
  public double responsibilities() {
    double sum = 0;
    for (int pair = 0; pair < evidence.pairs(); pair++) {
      Mixture.responsibilities(
          evidence.likelihoods(0)[pair],
          evidence.likelihoods(1)[pair],
          evidence.elsewhere()[pair],
          fitted.share(),
          shares);
      sum += shares[0];
    }
    return sum;
  }
}
