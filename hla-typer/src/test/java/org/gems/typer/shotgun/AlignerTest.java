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

/** Reads on the columns of a gene. */
final class AlignerTest {
  private static final String[] WHOLE = SyntheticWorld.FEATURES.toArray(String[]::new);

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
}
