package org.gems.typer.reads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;
import org.gems.typer.testing.SyntheticWorld;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tail of G that an instrument writes where it sees no light. */
final class PolyGTest {
  private static int kept(String read) {
    return PolyG.lengthBefore(read.getBytes(StandardCharsets.US_ASCII), read.length());
  }

  /** Bases that end in none that could be of a tail. */
  private static String lit(int seed, int bp) {
    return SyntheticWorld.strange(seed, bp - 2) + "TA";
  }

  /** All of the tail goes, and with it no more of the read than errors in the tail may be. */
  private static void requireCut(String lit, String tail) {
    for (String read : new String[] {lit + tail, (lit + tail).toLowerCase(Locale.ROOT)}) {
      int kept = kept(read);
      assertTrue(kept <= lit.length(), read);
      assertTrue(kept >= lit.length() - tail.length() / 3 - 3, kept + " of " + read);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 12, 30, 60, 100, 140})
  void theTailIsNoPartOfTheRead(int dark) {
    for (int seed = 0; seed < 20; seed++) {
      requireCut(lit(seed, 150 - dark), "G".repeat(dark));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 9})
  void aFewBasesOfGAreTheReadsOwn(int few) {
    String read = lit(few, 100) + "G".repeat(few);
    assertEquals(read.length(), kept(read));
  }

  @Test
  void aReadWithoutLightHasNoBases() {
    assertEquals(0, kept("G".repeat(150)));
    assertEquals(0, kept(""));
  }

  @ParameterizedTest
  @ValueSource(ints = {12, 20, 33, 47})
  void anErrorWithinTheTailDoesNotEndIt(int at) {
    StringBuilder tail = new StringBuilder("G".repeat(60));
    tail.setCharAt(60 - at, 'C');
    requireCut(lit(at, 90), tail.toString());
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 45, 70})
  void aRunOfGInTheMidstOfAReadStays(int after) {
    String read = lit(after, 60) + "G".repeat(15) + lit(after + 1, after);
    assertEquals(read.length(), kept(read));
  }

  @Test
  void ordinaryReadsStayWhole() {
    Random random = new Random(1);
    for (int seed = 0; seed < 2000; seed++) {
      String read = SyntheticWorld.strange(seed, 1 + random.nextInt(250));
      int kept = kept(read);
      boolean isTail = read.length() - kept >= 10;
      assertTrue(kept == read.length() || isTail, read);
      assertTrue(kept == read.length() || read.endsWith("GG"), read);
    }
  }
}
