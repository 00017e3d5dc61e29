package org.gems.typer.shotgun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which rows have other gaps, by example and against a slow twin. */
final class GapRowsTest {
  private static final List<byte[]> ROWS =
      rows("AC.GTACGT", "AC.GTA.GT", "ACTGTACGT", "AC.GTATGT", "*****A.GT", "AC.GTA.GA");

  private static List<byte[]> rows(String... rows) {
    List<byte[]> found = new ArrayList<>();
    for (String row : rows) {
      found.add(row.getBytes(StandardCharsets.US_ASCII));
    }
    return found;
  }

  private static int[] others(List<byte[]> rows, int row, int from, int to) {
    return new FeatureTable("intron1", rows, new int[0], rows.get(0))
        .gapRows()
        .others(row, from, to);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 8, '1 2'", // the fifth and sixth are as the second
    "0, 0, 5, '2'",
    "0, 3, 8, '1'",
    "0, 3, 5, ''",
    "0, -9, 99, '1 2'",
    "1, 0, 8, '0 2 3'", // in a column in which most have a gap bases are told apart
  })
  void rowsWithOtherGapsAreNamedOnce(int row, int from, int to, String expected) {
    int[] wanted =
        expected.isEmpty()
            ? new int[0]
            : List.of(expected.split(" ")).stream().mapToInt(Integer::parseInt).toArray();
    assertArrayEquals(wanted, others(ROWS, row, from, to));
  }

  @Test
  void anyStretchIsAnsweredAsByLookingAtEveryColumn() {
    Random random = new Random(5);
    List<byte[]> rows = new ArrayList<>();
    for (int r = 0; r < 12; r++) {
      StringBuilder row = new StringBuilder();
      for (int c = 0; c < 60; c++) {
        row.append(random.nextInt(4) > 0 ? 'A' : random.nextInt(8) > 0 ? '.' : '*');
      }
      rows.add(row.toString().getBytes(StandardCharsets.US_ASCII));
    }
    GapRows gaps = new FeatureTable("intron1", rows, new int[0], rows.get(0)).gapRows();
    for (int from = -2; from < 62; from++) {
      for (int to = from; to < Math.min(62, from + 20); to++) {
        assertArrayEquals(slow(rows, 3, from, to), gaps.others(3, from, to));
      }
    }
  }

  private static int[] slow(List<byte[]> rows, int row, int from, int to) {
    Set<String> seen = new HashSet<>();
    List<Integer> found = new ArrayList<>();
    for (int r = 0; r < rows.size(); r++) {
      StringBuilder differences = new StringBuilder();
      for (int c = Math.max(0, from); c <= Math.min(to, rows.get(r).length - 1); c++) {
        byte one = rows.get(row)[c];
        byte two = rows.get(r)[c];
        if (one != '*' && two != '*' && (one == '.') != (two == '.')) {
          differences.append(c).append((char) two);
        }
      }
      if (!differences.isEmpty() && seen.add(differences.toString())) {
        found.add(r);
      }
    }
    return found.stream().mapToInt(Integer::intValue).toArray();
  }
}
