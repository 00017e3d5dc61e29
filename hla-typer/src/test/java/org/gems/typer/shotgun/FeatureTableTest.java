package org.gems.typer.shotgun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Scores by differing rows against its slow twin, which looks at every row and column. */
final class FeatureTableTest {
  private static final int UNSTATED = 500;

  @Test
  void costsAreThoseOfLookingAtEveryRowAndColumn() {
    Random random = new Random(7);
    for (int round = 0; round < 50; round++) {
      List<byte[]> rows = new ArrayList<>();
      for (int r = 0; r < 20; r++) {
        rows.add(symbols(random, "ACGT.*", 40));
      }
      Alignment read = read(random, 100, 140);
      int[] costs = new int[rows.size()];
      new FeatureTable("exon2", rows, new int[0], rows.get(0)).score(read, 110, UNSTATED, costs);
      for (int r = 0; r < rows.size(); r++) {
        assertEquals(slow(rows.get(r), read, 110), costs[r]);
      }
    }
  }

  @Test
  void noRowCostsLessThanTheFloorAndThoseThatCostNoMoreAreKnown() {
    Random random = new Random(8);
    int atFloor = 0;
    for (int round = 0; round < 200; round++) {
      List<byte[]> rows = new ArrayList<>();
      for (int r = 0; r < 4; r++) {
        rows.add(symbols(random, "ACGT.*", 6));
      }
      Alignment read = read(random, 100, 106);
      FeatureTable table = new FeatureTable("exon2", rows, new int[0], rows.get(0));
      int floor = table.floor(read, 100, UNSTATED);
      for (int r = 0; r < rows.size(); r++) {
        int cost = slow(rows.get(r), read, 100);
        assertTrue(cost >= floor);
        assertEquals(cost == floor, table.isAtFloor(read, 100, UNSTATED, r));
        atFloor += cost == floor ? 1 : 0;
      }
    }
    assertTrue(atFloor > 0);
  }

  private static byte[] symbols(Random random, String of, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(of.charAt(random.nextInt(of.length())));
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static Alignment read(Random random, int from, int to) {
    Alignment read = new Alignment(1);
    for (int c = from; c < to; c += 1 + random.nextInt(2)) {
      read.add(c, symbols(random, "ACGT.", 1)[0], (byte) 30, 1000 + random.nextInt(6000));
    }
    return read;
  }

  private static int slow(byte[] row, Alignment read, int first) {
    int sum = 0;
    for (int i = 0; i < read.size(); i++) {
      int c = read.column(i) - first;
      if (c >= 0 && c < row.length) {
        boolean same = row[c] == read.symbol(i);
        int other = row[c] == '*' ? UNSTATED : read.loss(i);
        sum += same ? 0 : other;
      }
    }
    return sum;
  }
}
