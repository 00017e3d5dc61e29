package org.gems.typer.haplotype;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.gems.typer.Bases;
import org.gems.typer.haplotype.LocatedAmplicon.Cut;
import org.gems.typer.haplotype.LocatedAmplicon.Span;
import org.junit.jupiter.api.Test;

/** The table that numbers sequences, against the library's maps. */
final class NumberingTest {
  @Test
  void sequencesAreNumberedInTheOrderInWhichTheyFirstCome() {
    Random random = new Random(2);
    SequenceIds ids = new SequenceIds();
    Map<String, Integer> slow = new LinkedHashMap<>();
    for (int i = 0; i < 3000; i++) {
      String row = row(random, random.nextInt(7));
      String text = row.replace(".", "");
      slow.putIfAbsent(text, slow.size());
      ids.begin();
      ids.append(piece(row), 0, row.length());
      assertEquals(slow.get(text), ids.id());
    }
    byte[][] all = ids.all();
    assertEquals(slow.size(), all.length);
    slow.forEach((text, id) -> assertArrayEquals(Bases.codes(text), all[id]));
  }

  private static String row(Random random, int columns) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < columns; i++) {
      text.append("ACGT.".charAt(random.nextInt(5)));
    }
    return text.toString();
  }

  private static Piece piece(String row) {
    Cut nowhere = new Cut(false, -1);
    byte[] symbols = row.getBytes(StandardCharsets.US_ASCII);
    return Piece.of(symbols, new Span(0, 0, symbols.length), nowhere, nowhere);
  }
}
