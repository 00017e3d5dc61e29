package org.gems.typer.shotgun;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Columns of a read, told by the first one or each by itself, against a list of them. */
final class AlignmentTest {
  private static final int FIRST = 40;
  private static final int SYMBOLS = 30;

  private static List<Integer> columns(int gapBefore) {
    List<Integer> columns = new ArrayList<>();
    for (int i = 0; i < SYMBOLS; i++) {
      columns.add(FIRST + i + (i >= gapBefore ? 7 : 0));
    }
    return columns;
  }

  private static Alignment alignment(List<Integer> columns) {
    Alignment alignment = new Alignment(4);
    for (int column : columns) {
      alignment.add(column, (byte) 'A', (byte) 30, 1000 + column);
    }
    return alignment;
  }

  /** Where columns are left out: nowhere, behind the first, within, before the last. */
  @ParameterizedTest
  @ValueSource(ints = {99, 1, 5, 29})
  void columnsAreFoundAndCut(int gapBefore) {
    List<Integer> columns = columns(gapBefore);
    Alignment alignment = alignment(columns);
    for (int column = FIRST - 3; column < FIRST + SYMBOLS + 10; column++) {
      int from = column;
      int before = (int) columns.stream().filter(c -> c < from).count();
      assertEquals(before, alignment.firstFrom(column));
      Alignment cut = alignment.within(column, column + 9);
      List<Integer> inside = columns.stream().filter(c -> c >= from && c < from + 9).toList();
      assertEquals(inside.size(), cut.size());
      for (int i = 0; i < inside.size(); i++) {
        assertEquals(inside.get(i), cut.column(i));
        assertEquals(1000 + inside.get(i), cut.loss(i));
      }
    }
  }
}
