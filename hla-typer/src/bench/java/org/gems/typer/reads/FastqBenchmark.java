package org.gems.typer.reads;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.gems.typer.testing.Reads;
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

/** Time a read of 250 bases: to inflate it, to parse it, and both. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class FastqBenchmark {
  private static final int READS = 20_000;
  private static final int BP = 250;
  private static final int MOLECULES = 40;
  private static final int BUFFER_BYTES = 1 << 16;

  private final byte[] buffer = new byte[BUFFER_BYTES];
  private Path plain;
  private Path gzip;

  /** Writes one text twice: copies of some molecules, a base in two hundred wrong. */
  @Setup
  public void write() throws IOException {
    Random random = new Random(1);
    String[] molecules = new String[MOLECULES];
    for (int m = 0; m < MOLECULES; m++) {
      molecules[m] = draw(random, "ACGT", BP);
    }
    StringBuilder text = new StringBuilder();
    for (int read = 0; read < READS; read++) {
      StringBuilder bases = new StringBuilder(molecules[random.nextInt(MOLECULES)]);
      for (int i = random.nextInt(200); i < BP; i += 1 + random.nextInt(400)) {
        bases.setCharAt(i, "ACGT".charAt(random.nextInt(4)));
      }
      String qualities = draw(random, "FFFFFFFFFFFFFFF:,#", BP);
      text.append("@M:1:%d 1:N:0:1\n%s\n+\n%s\n".formatted(read, bases, qualities));
    }
    plain = Files.createTempFile("gems-bench", ".fastq");
    gzip = Files.createTempFile("gems-bench", ".fastq.gz");
    Files.write(plain, text.toString().getBytes(StandardCharsets.US_ASCII));
    Files.write(gzip, Reads.gzip(text.toString()));
  }

  private static String draw(Random random, String letters, int count) {
    StringBuilder text = new StringBuilder(count);
    for (int i = 0; i < count; i++) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    return text.toString();
  }

  /** Removes both files. */
  @TearDown
  public void remove() throws IOException {
    Files.delete(plain);
    Files.delete(gzip);
  }

  /** Inflation as the typer does it. */
  @Benchmark
  @OperationsPerInvocation(READS)
  public long inflate() throws IOException {
    InputStream raw = new BufferedInputStream(Files.newInputStream(gzip), BUFFER_BYTES);
    return drain(new GzipMembers(raw, BUFFER_BYTES));
  }

  /** The same by the class of the JDK, which does not refuse a damaged end. */
  @Benchmark
  @OperationsPerInvocation(READS)
  public long inflateByJdk() throws IOException {
    return drain(new GZIPInputStream(Files.newInputStream(gzip), BUFFER_BYTES));
  }

  private long drain(InputStream stream) throws IOException {
    long bytes = 0;
    try (stream) {
      for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
        bytes += count;
      }
    }
    return bytes;
  }

  /** Parsing and checking of a file that is not compressed. */
  @Benchmark
  @OperationsPerInvocation(READS)
  public long parse() throws IOException {
    return read(plain);
  }

  /** Inflation and parsing. */
  @Benchmark
  @OperationsPerInvocation(READS)
  public long inflateAndParse() throws IOException {
    return read(gzip);
  }

  private static long read(Path file) throws IOException {
    long bases = 0;
    try (FastqReader reader = new FastqReader(file)) {
      while (reader.next()) {
        bases += reader.length();
      }
    }
    return bases;
  }
}
