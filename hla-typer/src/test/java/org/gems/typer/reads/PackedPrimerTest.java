package org.gems.typer.reads;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.gems.typer.Bases;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bit-parallel comparison against its slow twin. */
final class PackedPrimerTest {
  private static int slowMismatches(String primer, byte[] read, int skipped) {
    int mismatches = 0;
    for (int i = skipped; i < primer.length(); i++) {
      mismatches += (Bases.set(primer.charAt(i)) >> read[i] & 1) == 1 ? 0 : 1;
    }
    return mismatches;
  }

  private static byte[] inUpperBits(byte[] codes) {
    byte[] packed = new byte[codes.length];
    for (int i = 0; i < codes.length; i++) {
      packed[i] = (byte) (codes[i] << 6 | 37);
    }
    return packed;
  }

  @ParameterizedTest
  @ValueSource(ints = {12, 20, 31, 32, 33, 45})
  void mismatchesAreThoseOfTheSlowTwin(int bp) {
    Random random = new Random(bp);
    for (int round = 0; round < 200; round++) {
      byte[] read = new byte[60];
      StringBuilder primer = new StringBuilder();
      for (int i = 0; i < read.length; i++) {
        read[i] = (byte) random.nextInt(4);
        boolean copied = random.nextInt(4) > 0;
        primer.append("ACGT".charAt(copied ? read[i] : random.nextInt(4)));
      }
      PackedPrimer packed = new PackedPrimer(primer.substring(0, bp));
      long start = PackedPrimer.pack(inUpperBits(read), read.length, packed.skipped());
      assertEquals(
          slowMismatches(primer.substring(0, bp), read, packed.skipped()),
          packed.mismatches(start));
      assertEquals(bp, packed.length());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {12, 20, 31, 32, 33, 45})
  void lettersOfSeveralBasesMatchEachOfThem(int bp) {
    Random random = new Random(bp);
    for (int round = 0; round < 200; round++) {
      byte[] read = new byte[60];
      StringBuilder primer = new StringBuilder();
      for (int i = 0; i < read.length; i++) {
        read[i] = (byte) random.nextInt(4);
        primer.append("ACGTRYSWKMBDHVN".charAt(random.nextInt(15)));
      }
      PackedPrimer packed = new PackedPrimer(primer.substring(0, bp));
      long start = PackedPrimer.pack(inUpperBits(read), read.length, packed.skipped());
      assertEquals(
          slowMismatches(primer.substring(0, bp), read, packed.skipped()),
          packed.mismatches(start));
    }
  }

  @Test
  void theOtherStrandOfASetIsTheSetOfTheOtherStrand() {
    String letters = "ACGTRYSWKMBDHVN";
    String complement = "TGCAYRSWMKVHDBN";
    byte[] reversed = Bases.reverseComplementOfSets(Bases.sets(letters));
    String expected = new StringBuilder(complement).reverse().toString();
    assertArrayEquals(Bases.sets(expected), reversed);
  }
}
