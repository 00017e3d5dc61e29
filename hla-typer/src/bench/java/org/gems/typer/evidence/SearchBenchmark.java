package org.gems.typer.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.gems.typer.Bases;
import org.gems.typer.evidence.NearestSequences.Slice;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.haplotype.HaplotypeSetBuilder;
import org.gems.typer.haplotype.Hits;
import org.gems.typer.haplotype.LengthGroup;
import org.gems.typer.haplotype.LocatedAmplicon;
import org.gems.typer.haplotype.LocatedAmplicon.Cut;
import org.gems.typer.haplotype.LocatedAmplicon.Span;
import org.gems.typer.haplotype.WeighedRead;
import org.gems.typer.library.AlleleEntry;
import org.gems.typer.library.AlleleName;
import org.gems.typer.library.LocusTable;
import org.gems.typer.reads.QualityModel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Time a pair to find its best sequences among few and among many. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class SearchBenchmark {
  private static final int BP = 450;
  private static final int READ_BP = 230;
  private static final int PAIRS = 256;
  private static final int FAMILIES = 20;
  private static final int FAMILY_CHANGES = 25;
  private static final int MARGIN = 3 * QualityModel.LOSS_SCALE;

  private final QualityModel qualities = new QualityModel(0.001);
  private final NearestSequences nearest = new NearestSequences(qualities);
  private final WeighedRead read = new WeighedRead(qualities.losses(), qualities.lossesBeyond());
  private final Hits hits = new Hits();
  private final Slice[] left = new Slice[PAIRS];
  private final Slice[] right = new Slice[PAIRS];
  private final int[] limits = new int[PAIRS];

  /** Alleles of the amplicon. */
  @Param({"500", "4000", "32000"})
  public int alleles;

  private HaplotypeSet set;

  /**
   * Makes families of alleles, and pairs of two of them with errors as their qualities promise.
   * What explained earlier pairs limits a search, so here what the pair comes from does.
   */
  @Setup
  public void make() {
    Random random = new Random(3);
    set = families(random);
    for (int pair = 0; pair < PAIRS; pair++) {
      int source = set.size() / ((pair & 1) == 0 ? 3 : 2);
      left[pair] = read(random, set.sequence(source), false);
      right[pair] = read(random, set.sequence(source), true);
      nearest.load(left[pair], right[pair]);
      limits[pair] = nearest.loss(set, source, NearestSequences.UNLIMITED);
    }
  }

  private HaplotypeSet families(Random random) {
    byte[] root = new byte[BP];
    for (int i = 0; i < BP; i++) {
      root[i] = (byte) "ACGT".charAt(random.nextInt(4));
    }
    List<byte[]> founders = new ArrayList<>();
    for (int family = 0; family < FAMILIES; family++) {
      founders.add(changed(random, root, FAMILY_CHANGES));
    }
    List<byte[]> rows = new ArrayList<>();
    List<AlleleEntry> entries = new ArrayList<>();
    for (int allele = 0; allele < alleles; allele++) {
      int family = allele % FAMILIES;
      rows.add(changed(random, founders.get(family), 1 + random.nextInt(3)));
      String name = "A*%02d:%02d".formatted(1 + family, 1 + allele / FAMILIES);
      entries.add(new AlleleEntry(AlleleName.parse(name), "", "", ""));
    }
    int[] rowOf = IntStream.range(0, alleles).toArray();
    LocusTable.Feature exon = new LocusTable.Feature("exon1", rows, rowOf, rows.get(0), false);
    Cut nowhere = new Cut(false, -1);
    LocatedAmplicon whole =
        new LocatedAmplicon(List.of(new Span(0, 0, BP)), 0, 0, nowhere, nowhere);
    LocusTable table = new LocusTable("A", List.of(exon), entries);
    return HaplotypeSetBuilder.build(table, whole, 4, 1).orElseThrow();
  }

  private static byte[] changed(Random random, byte[] sequence, int changes) {
    byte[] result = sequence.clone();
    for (int i = 0; i < changes; i++) {
      result[random.nextInt(BP)] = (byte) "ACGT".charAt(random.nextInt(4));
    }
    return result;
  }

  private static Slice read(Random random, byte[] sequence, boolean fromEnd) {
    byte[] packed = new byte[READ_BP];
    for (int i = 0; i < READ_BP; i++) {
      int quality = 37 - 15 * i / READ_BP;
      byte code = fromEnd ? Bases.complement(sequence[BP - 1 - i]) : sequence[i];
      boolean wrong = random.nextDouble() < Math.pow(10, -quality / 10.0);
      packed[i] = (byte) ((wrong ? random.nextInt(4) : code) << 6 | quality);
    }
    return new Slice(packed, 0, READ_BP);
  }

  /** Both reads of a pair: the best sequences and all about as good. */
  @Benchmark
  @OperationsPerInvocation(PAIRS)
  public int nearestSequences() {
    int found = 0;
    for (int pair = 0; pair < PAIRS; pair++) {
      nearest.load(left[pair], right[pair]);
      nearest.search(set, limits[pair], MARGIN);
      found += nearest.size();
    }
    return found;
  }

  /** The same pairs compared with every sequence, each given up when it has lost too much. */
  @Benchmark
  @OperationsPerInvocation(PAIRS)
  public int everySequence() {
    int found = 0;
    for (int pair = 0; pair < PAIRS; pair++) {
      nearest.load(left[pair], right[pair]);
      int most = limits[pair] + MARGIN;
      for (int sequence = 0; sequence < set.size(); sequence++) {
        found += nearest.loss(set, sequence, most) <= most ? 1 : 0;
      }
    }
    return found;
  }

  /** One read against the sequences sorted from its end of them. */
  @Benchmark
  @OperationsPerInvocation(PAIRS)
  public int prefixTree() {
    int runs = 0;
    for (int pair = 0; pair < PAIRS; pair++) {
      read.load(left[pair].data(), left[pair].start(), READ_BP, false);
      for (LengthGroup group : set.groups()) {
        group.fromStart().bound(read);
        group.fromStart().search(read, limits[pair] + MARGIN, hits);
        runs += hits.runs();
      }
    }
    return runs;
  }
}
