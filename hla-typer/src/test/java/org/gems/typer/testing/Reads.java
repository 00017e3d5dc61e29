package org.gems.typer.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/**
 * Makes the read pairs of a sample, with sequencing errors at the rate that the qualities promise.
 */
public final class Reads {
  private static final int READ_BP = 150;
  private static final int SURE_BP = 100;
  private static final int SURE = 37;
  private static final int USUAL = 20;

  private final SyntheticWorld world;
  private final Random random;
  private final List<String> first = new ArrayList<>();
  private final List<String> second = new ArrayList<>();
  private int number;
  private int readBp = READ_BP;
  private int sureBp = SURE_BP;
  private int tailQuality = USUAL;
  private boolean isExact;
  private String run = "run";

  /** Reads of a world's alleles. */
  public Reads(SyntheticWorld world, long seed) {
    this.world = world;
    this.random = new Random(seed);
  }

  /** Makes the reads that follow of this length. */
  public Reads readLength(int bp) {
    readBp = bp;
    return this;
  }

  /** Gives the reads that follow another quality (Phred) from a base on. */
  public Reads tail(int fromBp, int quality) {
    sureBp = fromBp;
    tailQuality = quality;
    return this;
  }

  /** Leaves errors out of the reads that follow, whatever their qualities promise. */
  public Reads exact() {
    isExact = true;
    return this;
  }

  /** Names the reads that follow after another run. */
  public Reads named(String name) {
    run = name;
    return this;
  }

  /** Adds pairs of both amplicons of an allele. */
  public Reads allele(String name, int pairs) {
    return exon(name, 1, pairs).exon(name, 2, pairs);
  }

  /** Adds pairs of one amplicon of an allele. */
  public Reads exon(String name, int exon, int pairs) {
    return fragment(world.amplicon(name, exon), pairs);
  }

  /** Adds pairs of a fragment, either strand first in turn. */
  public Reads fragment(String fragment, int pairs) {
    for (int i = 0; i < pairs; i++) {
      String left = read(fragment);
      String right = read(SyntheticWorld.reverseComplement(fragment));
      boolean flipped = (number & 1) == 1;
      record(first, flipped ? right : left, 1);
      record(second, flipped ? left : right, 2);
      number++;
    }
    return this;
  }

  /**
   * Adds pairs that begin some bases inside a fragment, at either end, and read on into what lies
   * behind the other's beginning.
   */
  public Reads throughFragment(String fragment, int insideBp, int pairs) {
    String other = SyntheticWorld.reverseComplement(fragment);
    return ends(fragment.substring(insideBp), other.substring(insideBp), pairs);
  }

  /**
   * Adds pairs whose reads go on where a fragment has ended.
   *
   * @param behind what follows the fragment, as its first read shows it
   * @param before what follows its other strand, as the other read shows it
   */
  public Reads pastFragment(String fragment, String behind, String before, int pairs) {
    return ends(fragment + behind, SyntheticWorld.reverseComplement(fragment) + before, pairs);
  }

  /** Adds pairs of two reads that are as given. */
  public Reads ends(String one, String two, int pairs) {
    for (int i = 0; i < pairs; i++) {
      record(first, read(one), 1);
      record(second, read(two), 2);
      number++;
    }
    return this;
  }

  /** Puts the pairs in an order of a seed. */
  public Reads shuffled(long seed) {
    Collections.shuffle(first, new Random(seed));
    Collections.shuffle(second, new Random(seed));
    return this;
  }

  private String read(String fragment) {
    return fragment.substring(0, Math.min(readBp, fragment.length()));
  }

  private void record(List<String> into, String bases, int mate) {
    StringBuilder read = new StringBuilder(bases);
    StringBuilder qualities = new StringBuilder();
    for (int i = 0; i < read.length(); i++) {
      int quality = i < sureBp ? SURE : tailQuality;
      qualities.append((char) ('!' + quality));
      boolean wrong = random.nextDouble() < Math.pow(10, -quality / 10.0);
      if (wrong && !isExact && read.charAt(i) != 'N') {
        read.setCharAt(i, SyntheticWorld.next(read.charAt(i)));
      }
    }
    into.add("@%s:%d %d:N:0:1\n%s\n+\n%s\n".formatted(run, number, mate, read, qualities));
  }

  /** Writes both files and answers a line of a sample sheet. */
  public String write(Path folder, String sample) throws IOException {
    Path r1 = folder.resolve(sample + "_R1.fastq.gz");
    Path r2 = folder.resolve(sample + "_R2.fastq.gz");
    Files.write(r1, gzip(String.join("", first)));
    Files.write(r2, gzip(String.join("", second)));
    return sample + "\t" + r1 + "\t" + r2 + "\n";
  }

  /** Writes the first reads alone and answers a line of a sample sheet. */
  public String writeSingle(Path folder, String sample) throws IOException {
    Path r1 = folder.resolve(sample + "_R1.fastq.gz");
    Files.write(r1, gzip(String.join("", first)));
    return sample + "\t" + r1 + "\t\n";
  }

  /** A text's gzip bytes. */
  public static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream stream = new GZIPOutputStream(bytes)) {
      stream.write(text.getBytes(StandardCharsets.US_ASCII));
    }
    return bytes.toByteArray();
  }
}
