package org.gems.typer.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Allele names and their order. */
final class AlleleNameTest {
  @Test
  void fieldsAreOrderedAsNumbers() {
    List<String> sorted =
        Stream.of("A*02:101", "A*02:07", "A*02:10", "A*01:01:01:02N", "A*01:01:01", "A*01:01:01:02")
            .map(AlleleName::parse)
            .sorted()
            .map(AlleleName::text)
            .toList();
    assertEquals(
        List.of("A*01:01:01", "A*01:01:01:02", "A*01:01:01:02N", "A*02:07", "A*02:10", "A*02:101"),
        sorted);
  }

  @Test
  void twoFieldsLeaveTheSuffixOut() {
    assertEquals("DRB4*01:03", AlleleName.parse("DRB4*01:03:01:02N").twoFields());
    assertEquals("MICA*010", AlleleName.parse("MICA*010").twoFields());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A", "A*", "A*x", "A*01:", "HLA-A*01:01", "A*01:01:01:01:01"})
  void otherTextsAreRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> AlleleName.parse(text));
  }
}
