package org.gems.typer.shotgun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.gems.typer.library.LibraryReader;
import org.gems.typer.reads.FragmentReader;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.reads.ReadBatch;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.testing.SyntheticWorld;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads on the columns of a gene. */
final class AlignerTest {
  private static final String[] WHOLE = SyntheticWorld.FEATURES.toArray(String[]::new);

  /** The first columns of the exons. */
  private static final int EXON1 = 120;

  private static final int EXON2 = EXON1 + 150 + 160;

  @TempDir private Path folder;

  private Alignment aligned(SyntheticWorld world, String bases) throws IOException {
    Path library = world.writeLibrary(folder.resolve("library"));
    ShotgunLibrary laid = new ShotgunLibrary(new LibraryReader(library), Ruleset.builtIn());
    Path file = folder.resolve("r.fastq");
    Files.writeString(file, "@r\n%s\n+\n%s\n".formatted(bases, "I".repeat(bases.length())));
    try (FragmentReader reader = new FragmentReader(new Sample("s", file, Optional.empty()))) {
      ReadBatch batch = reader.next();
      Strand strand = new Strand();
      strand.load(batch, batch.start(0, 0), batch.length(0, 0), false);
      Hits hits = new Hits(laid.index(), 1);
      hits.collect(strand);
      Aligner aligner = new Aligner(new QualityModel(0.001));
      return aligner.align(strand, laid.genes().get(0), 0, hits, laid.index().k());
    }
  }

  private static SyntheticWorld world() {
    return new SyntheticWorld(3)
        .gene("A")
        .allele("A*01:01:01:01")
        .allele("A*02:01:01:01", "intron1:-", "exon2:30");
  }

  @Test
  void everyBaseOfAReadWithErrorsHasItsColumn() throws IOException {
    SyntheticWorld world = world();
    String gene = world.bases("A*01:01:01:01", WHOLE);
    StringBuilder read = new StringBuilder(gene.substring(90, 240));
    for (int i : new int[] {0, 40, 75, 149}) {
      read.setCharAt(i, read.charAt(i) == 'A' ? 'C' : 'A');
    }
    Alignment alignment = aligned(world, read.toString());
    assertEquals(150, alignment.size());
    assertEquals(90, alignment.column(0));
    assertEquals(239, alignment.column(149));
  }

  @Test
  void aDeletionOfAnAlleleIsAGapInTheRead() throws IOException {
    SyntheticWorld world = world();
    String gene = world.bases("A*02:01:01:01", WHOLE);
    Alignment alignment = aligned(world, gene.substring(280, 430));
    assertEquals(151, alignment.size());
    assertEquals('.', alignment.symbol(alignment.firstFrom(350)));
    assertEquals(430, alignment.column(150));
  }

  @Test
  void columnsRiseEvenWhereAReadIsPutTogetherFromPiecesOutOfOrder() throws IOException {
    SyntheticWorld world = world();
    String gene = world.bases("A*01:01:01:01", WHOLE);
    Random random = new Random(5);
    for (int round = 0; round < 50; round++) {
      StringBuilder read = new StringBuilder();
      while (read.length() < 150) {
        int start = random.nextInt(100);
        read.append(gene, 200 + start, 200 + start + 30 + random.nextInt(20));
      }
      Alignment alignment = aligned(world, read.toString());
      for (int i = 1; i < alignment.size(); i++) {
        assertTrue(alignment.column(i) > alignment.column(i - 1));
      }
    }
  }

  /** A base or two of an intron are often as in the exon that a message has in its place. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void aReadEndsAtAnIntronThatTheReleaseLacks(int seed) throws IOException {
    String allele = "A*01:01:01:01";
    String nature = spliced(seed).bases(allele, WHOLE);
    SyntheticWorld world = spliced(seed).exonsOnly("A");
    for (int ofExon = 40; ofExon <= 110; ofExon += 5) {
      Alignment behind = aligned(world, nature.substring(EXON2 + ofExon - 150, EXON2 + ofExon));
      assertEquals(ofExon, behind.bases(), "bases of exon 2: " + ofExon);
      assertEquals(150, behind.column(0));
      int left = EXON1 + 150 - ofExon;
      Alignment before = aligned(world, nature.substring(left, left + 150));
      assertEquals(ofExon, before.bases(), "bases of exon 1: " + ofExon);
      assertEquals(149, before.column(ofExon - 1));
    }
  }

  private static SyntheticWorld spliced() {
    return spliced(2);
  }

  private static SyntheticWorld spliced(int seed) {
    return new SyntheticWorld(seed)
        .gene("A")
        .allele("A*01:01:01:01")
        .allele("A*02:01:01:01", "intron1:-", "exon2:30");
  }

  /** Introns that begin as exon 2 does or end as exon 1 does are among these worlds. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void aReadThatSkipsAnIntronLiesOnBothExons(int seed) throws IOException {
    SyntheticWorld world = spliced(seed);
    String message = world.bases("A*01:01:01:01", "exon1", "exon2");
    for (int ofFirst = 10; ofFirst <= 140; ofFirst++) {
      Alignment alignment = aligned(world, message.substring(150 - ofFirst, 300 - ofFirst));
      assertEquals(150, alignment.size(), "bases of exon 1: " + ofFirst);
      for (int i = 0; i < 150; i++) {
        int expected = i < ofFirst ? EXON1 + 150 - ofFirst + i : EXON2 + i - ofFirst;
        assertEquals(expected, alignment.column(i), "bases of exon 1: " + ofFirst);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 75, 110})
  void aReadThatSkipsAnIntronKeepsTheBaseThatItAloneHas(int ofFirst) throws IOException {
    SyntheticWorld world = spliced();
    String message = world.bases("A*01:01:01:01", "exon1", "exon2");
    for (int at : new int[] {20, ofFirst - 6, ofFirst - 3, ofFirst + 3, ofFirst + 6, 140}) {
      String read = other(message.substring(150 - ofFirst, 300 - ofFirst), at);
      Alignment alignment = aligned(world, read);
      assertEquals(150, alignment.size(), "base " + at);
      assertEquals(read.charAt(at), (char) alignment.symbol(at));
      int expected = at < ofFirst ? EXON1 + 150 - ofFirst + at : EXON2 + at - ofFirst;
      assertEquals(expected, alignment.column(at));
    }
  }

  /** A read with another base in one place. */
  private static String other(String bases, int at) {
    StringBuilder read = new StringBuilder(bases);
    read.setCharAt(at, read.charAt(at) == 'A' ? 'C' : 'A');
    return read.toString();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 60, 119, 121, 200, 268, 272, 400, 428, 433, 500})
  void aBaseOfItsOwnAtEitherEndOfAReadIsKept(int start) throws IOException {
    SyntheticWorld world = world();
    String gene = world.bases("A*01:01:01:01", WHOLE);
    for (int at : new int[] {0, 1, 3, 5, 144, 146, 148, 149}) {
      String read = other(gene.substring(start, start + 150), at);
      Alignment alignment = aligned(world, read);
      assertEquals(150, alignment.size(), "base " + at);
      assertEquals(start + at, alignment.column(at));
      assertEquals(read.charAt(at), (char) alignment.symbol(at));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 6, 147, 149})
  void aBaseOfItsOwnAtAnExonsEndIsKeptInAReadThatRunsOn(int ofExon) throws IOException {
    SyntheticWorld world = world();
    String gene = world.bases("A*01:01:01:01", WHOLE);
    for (int start : new int[] {EXON1 + ofExon - 100, EXON1 + ofExon - 60, EXON1 + ofExon - 20}) {
      String read = other(gene.substring(start, start + 150), EXON1 + ofExon - start);
      Alignment alignment = aligned(world, read);
      assertEquals(150, alignment.size());
      assertEquals(start, alignment.column(0));
      assertEquals(start + 149, alignment.column(149));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "GT", "ACG", "TTGCA", "CATGCATTGA"})
  void aReadThatRunsOnIntoAnIntronHasAGapWhereAnAlleleHasMoreBases(String more) throws IOException {
    SyntheticWorld world = world().allele("A*03:01").insertion("A*03:01", "exon1", 150, more);
    String gene = world.bases("A*01:01:01:01", WHOLE);
    for (int start : new int[] {EXON1 + 10, EXON1 + 75, EXON1 + 130}) {
      Alignment alignment = aligned(world, gene.substring(start, start + 150));
      assertEquals(150, alignment.bases());
      assertEquals(150 + more.length(), alignment.size());
      int gap = alignment.firstFrom(EXON1 + 150);
      for (int i = gap; i < gap + more.length(); i++) {
        assertEquals('.', (char) alignment.symbol(i));
      }
    }
  }
}
