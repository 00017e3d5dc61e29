package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Reads;
import org.gems.typer.testing.SyntheticWorld;
import org.gems.typer.testing.Worlds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a panel may say, and where its amplicons are then looked for. */
final class PanelTest {
  private static final String ONE = "A*02:01:01:01";
  private static final String TWO = "A*03:01:01:01";

  @TempDir private Path folder;

  private static SyntheticWorld world() {
    return Worlds.geneA();
  }

  private static Reads reads(SyntheticWorld world) {
    return new Reads(world, 1).allele(ONE, 50).allele(TWO, 50);
  }

  private static void edit(Bench bench, String old, String replacement) throws IOException {
    String text = Files.readString(bench.panel());
    assertTrue(text.contains(old), old);
    Files.writeString(bench.panel(), text.replace(old, replacement));
  }

  private static String forwardPrimer(SyntheticWorld world) {
    return world.amplicon(ONE, 1).substring(0, 20);
  }

  /** The letter for a base or its complement, and that for the two others. */
  private static char weakOrStrong(char base) {
    return base == 'A' || base == 'T' ? 'W' : 'S';
  }

  @Test
  void aPrimerOfIupacLettersFindsItsReadsAndItsPlace() throws IOException {
    SyntheticWorld world = world();
    Bench bench = new Bench(folder, world, "A").sample("s", reads(world));
    String plain = forwardPrimer(world);
    StringBuilder mixed = new StringBuilder(plain);
    for (int i = 1; i < 20; i += 4) {
      mixed.setCharAt(i, weakOrStrong(plain.charAt(i)));
    }
    edit(bench, plain, mixed.toString());
    assertEquals(0, bench.run("1"));
    assertEquals(List.of(ONE, TWO), bench.called("s", "A"));
    assertEquals(200, bench.typing("s").at("/reads/used_pairs").asInt());
  }

  @Test
  void aLetterThatLeavesTheReadsBaseOutIsAMismatch() throws IOException {
    SyntheticWorld world = world();
    Bench bench = new Bench(folder, world, "A").sample("s", reads(world));
    String plain = forwardPrimer(world);
    StringBuilder wrong = new StringBuilder(plain);
    for (int i = 1; i < 20; i += 3) {
      wrong.setCharAt(i, weakOrStrong(plain.charAt(i)) == 'W' ? 'S' : 'W');
    }
    edit(bench, plain, wrong.toString());
    assertEquals(0, bench.run("1"));
    assertEquals(100, bench.typing("s").at("/reads/used_pairs").asInt());
  }

  @Test
  void aPrimerOfTooFewSureLettersIsRefused() throws IOException {
    SyntheticWorld world = world();
    Bench bench = new Bench(folder, world, "A").sample("s", reads(world));
    String plain = forwardPrimer(world);
    edit(bench, plain, plain.substring(0, 11) + "NNNNNNNNN");
    assertEquals(3, bench.run("1"));
  }

  @Test
  void aSymbolThatIsNoLetterOfBasesIsRefused() throws IOException {
    SyntheticWorld world = world();
    Bench bench = new Bench(folder, world, "A").sample("s", reads(world));
    String plain = forwardPrimer(world);
    edit(bench, plain, plain + "I");
    assertEquals(3, bench.run("1"));
  }

  @Test
  void anOffsetInDigitsOfAnotherScriptIsRefused() throws IOException {
    SyntheticWorld world = world();
    Bench bench = new Bench(folder, world, "A").sample("s", reads(world));
    String panel = Files.readString(bench.panel());
    String odd = panel.replaceFirst("\\t(-?)[0-9]+\\t", "\t$1\u0664\t");
    assertNotEquals(panel, odd);
    Files.writeString(bench.panel(), odd);
    assertEquals(3, bench.run("1"));
  }

  /** A gene whose reference allele has 50 bases more at the start of intron 1 than another one. */
  private static SyntheticWorld longReference() {
    return world().longerReference("A*99:01", "intron1", 50);
  }

  @Test
  void offsetsCountTheBasesOfTheAlleleThatThePanelNames() throws IOException {
    SyntheticWorld world = longReference();
    Bench bench = new Bench(folder, world, "A").sample("s", reads(world));
    Files.writeString(
        bench.panel(), "# counted_on: A*01:01:01:01\n" + Files.readString(bench.panel()));
    assertEquals(0, bench.run("1"));
    assertEquals(List.of(ONE, TWO), bench.called("s", "A"));
    assertEquals("[]", bench.locus("s", "A").get("flags").toString());
  }

  @Test
  void anAlleleThatTheLibraryLacksLeavesTheReferenceToCountOn() throws IOException {
    SyntheticWorld world = world();
    Bench bench = new Bench(folder, world, "A").sample("s", reads(world));
    Files.writeString(bench.panel(), "# counted_on: A*77:01\n" + Files.readString(bench.panel()));
    assertEquals(0, bench.run("1"));
    assertEquals(List.of(ONE, TWO), bench.called("s", "A"));
  }

  @Test
  void aNameThatIsNoAlleleIsRefused() throws IOException {
    SyntheticWorld world = world();
    Bench bench = new Bench(folder, world, "A").sample("s", reads(world));
    Files.writeString(bench.panel(), "# counted_on: A2\n" + Files.readString(bench.panel()));
    assertEquals(3, bench.run("1"));
  }
}
