package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.zip.GZIPInputStream;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Reads;
import org.gems.typer.testing.SyntheticWorld;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files as trimmers, archives and other sequencers write them: typed, and what is missing counted.
 */
final class OddReadsTest {
  private static final String ALLELE = "A*01:01:01:01";
  private static final int PAIRS = 80;

  @TempDir private Path folder;

  private SyntheticWorld world;
  private Bench bench;

  @BeforeEach
  void makeAWorld() throws IOException {
    world = new SyntheticWorld(3).gene("A").allele(ALLELE);
    bench = new Bench(folder, world, "A");
  }

  /** The records of one file, four lines each. */
  private List<String> records(int mate) throws IOException {
    new Reads(world, 1).allele(ALLELE, PAIRS / 2).write(folder, "made");
    String text = gunzipped(folder.resolve("made_R%d.fastq.gz".formatted(mate)));
    List<String> lines = text.lines().toList();
    List<String> records = new ArrayList<>();
    for (int i = 0; i < lines.size(); i += 4) {
      records.add(String.join("\n", lines.subList(i, i + 4)) + "\n");
    }
    return records;
  }

  private static String gunzipped(Path file) throws IOException {
    try (InputStream stream = new GZIPInputStream(Files.newInputStream(file))) {
      return new String(stream.readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private int type(List<String> first, List<String> second) throws IOException {
    Path one = folder.resolve("odd_R1.fastq");
    Path two = folder.resolve("odd_R2.fastq");
    Files.writeString(one, String.join("", first));
    Files.writeString(two, String.join("", second));
    return bench.sheetLine("s\t%s\t%s\n".formatted(one, two)).run("1");
  }

  private List<String> changed(int mate, BiFunction<Integer, String, String> change)
      throws IOException {
    List<String> records = records(mate);
    for (int i = 0; i < records.size(); i++) {
      records.set(i, change.apply(i, records.get(i)));
    }
    return records;
  }

  private void assertTyped(int pairs) throws IOException {
    assertEquals(ALLELE, bench.called("s", "A").get(0));
    assertEquals(pairs, bench.typing("s").at("/reads/pairs").asInt());
  }

  private static String withoutBases(String record) {
    return record.lines().findFirst().orElseThrow() + "\n\n+\n\n";
  }

  /** Puts random bases before a record's own. */
  private static String led(Random random, String record, int bp) {
    List<String> lines = record.lines().toList();
    StringBuilder before = new StringBuilder();
    for (int i = 0; i < bp; i++) {
      before.append("ACGT".charAt(random.nextInt(4)));
    }
    return "%s\n%s%s\n+\n%s%s\n"
        .formatted(lines.get(0), before, lines.get(1), "I".repeat(bp), lines.get(3));
  }

  private int typeWithLeading(int first, int second) throws IOException {
    Random random = new Random(11);
    return type(
        changed(1, (i, record) -> led(random, record, first)),
        changed(2, (i, record) -> led(random, record, second)));
  }

  @ParameterizedTest
  @CsvSource({"6, 0", "0, 8", "8, 8", "12, 6", "10, 12", "3, 0", "16, 16"})
  void barcodesBeforeThePrimersAreLeftOutAndTold(int first, int second) throws IOException {
    assertEquals(0, typeWithLeading(first, second));
    assertTyped(PAIRS);
    assertEquals(0, bench.lost("s", "no_primer") + bench.lost("s", "one_primer"));
    JsonNode flag = bench.typing("s").at("/flags/0");
    assertEquals("leading_bases", flag.at("/code").asText());
    assertEquals(first, flag.at("/evidence/first_bp").asInt());
    assertEquals(second, flag.at("/evidence/second_bp").asInt());
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0", "2, 2"})
  void aBaseOrTwoBeforeThePrimersAreNoBarcode(int first, int second) throws IOException {
    assertEquals(0, typeWithLeading(first, second));
    assertTyped(PAIRS);
    assertEquals(0, bench.typing("s").at("/flags").size());
  }

  @Test
  void moreBasesThanAnyBarcodeHasAreRefusedAsReadsWithoutPrimers() throws IOException {
    assertEquals(3, typeWithLeading(30, 30));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aReadWithoutBasesIsCountedAsTooShort(int mate) throws IOException {
    BiFunction<Integer, String, String> emptied =
        (i, record) -> i == 7 ? withoutBases(record) : record;
    List<String> first = mate == 1 ? changed(1, emptied) : records(1);
    List<String> second = mate == 2 ? changed(2, emptied) : records(2);
    assertEquals(0, type(first, second));
    assertTyped(PAIRS);
    assertEquals(1, bench.lost("s", "too_short"));
  }

  @Test
  void aPairWithoutBasesIsCountedWithoutAPanelToo() throws IOException {
    bench.panel(Path.of("none"));
    BiFunction<Integer, String, String> emptied =
        (i, record) -> i < 3 ? withoutBases(record) : record;
    assertEquals(0, type(changed(1, emptied), changed(2, emptied)));
    assertEquals(3, bench.lost("s", "too_short"));
  }

  @ParameterizedTest
  @CsvSource({
    "SRR7%1$05d.%1$d.1, SRR7%1$05d.%1$d.2",
    "SRR700001.%d.1 %1$d length=150, SRR700001.%d.2 %1$d length=150",
    "SRR700001.%d %1$d length=150, SRR700001.%d %1$d length=150",
    "M1:7:FC:%d/1, M1:7:FC:%d/2",
    "M1:7:FC:%d 1:N:0:7, M1:7:FC:%d 2:N:0:7",
    "M1:7:FC:%d 1:N:0:7, M1:7:FC:%d 1:N:0:7",
    "read %d, read %d",
  })
  void matesAreNamedInManyWays(String one, String two) throws IOException {
    BiFunction<String, Integer, String> name = (format, i) -> "@" + format.formatted(i + 1);
    assertEquals(
        0,
        type(
            changed(1, (i, record) -> record.replaceFirst("@.*", name.apply(one, i))),
            changed(2, (i, record) -> record.replaceFirst("@.*", name.apply(two, i)))));
    assertTyped(PAIRS);
  }

  @Test
  void spotsOfAnArchiveAreNotMistakenForMates() throws IOException {
    // The first file has the spots 1, 2, 3 ..., the second one 2, 3, 4 ...: RUN.1 is no mate of
    // RUN.2.
    List<String> first = changed(1, (i, record) -> record.replaceFirst("@.*", "@SRR7." + (i + 1)));
    List<String> second = changed(2, (i, record) -> record.replaceFirst("@.*", "@SRR7." + (i + 1)));
    assertEquals(0, type(first, second.subList(1, second.size())));
    assertEquals(1, bench.lost("s", "without_mate"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\n\n\n"})
  void blankLastLinesAreNobodysHarm(String blank) throws IOException {
    List<String> first = records(1);
    first.add(blank);
    assertEquals(0, type(first, records(2)));
    assertTyped(PAIRS);
  }

  @Test
  void aBlankLineBetweenRecordsIsRefusedWithItsNumber() throws IOException {
    List<String> first = records(1);
    first.add(5, "\n");
    assertEquals(3, type(first, records(2)));
    assertTrue(Files.readString(bench.out().resolve("s/error.json")).contains("\"line\" : 21"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void pairsThatTheSequencerLetFailAreLeftOutAndCounted(int mate) throws IOException {
    BiFunction<Integer, String, String> failed =
        (i, record) ->
            i % 8 == 0
                ? record.replaceFirst(" %d:N:".formatted(mate), " %d:Y:".formatted(mate))
                : record;
    List<String> first = mate == 1 ? changed(1, failed) : records(1);
    List<String> second = mate == 2 ? changed(2, failed) : records(2);
    assertEquals(0, type(first, second));
    assertTyped(PAIRS);
    assertEquals(PAIRS / 8, bench.lost("s", "failed_chastity"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void matesThatAreOutOfStepFindEachOther(long seed) throws IOException {
    Random random = new Random(seed);
    List<String> first = records(1);
    List<String> second = records(2);
    int lost = 0;
    for (int i = PAIRS - 1; i >= 0; i--) {
      // At most one record of a pair is dropped, now of the one file, now of the other.
      if (random.nextInt(25) == 0) {
        (random.nextBoolean() ? first : second).set(i, "");
        lost++;
      }
    }
    assertEquals(0, type(first, second));
    assertTyped(PAIRS);
    assertEquals(lost, bench.lost("s", "without_mate"));
  }

  @Test
  void aSecondFileInAnotherOrderIsPairedByName() throws IOException {
    List<String> second = records(2);
    Collections.shuffle(second, new Random(5));
    assertEquals(0, type(records(1), second));
    assertTyped(PAIRS);
    assertEquals(0, bench.lost("s", "without_mate"));
  }

  @Test
  void theSecondFilesBeingACopyOfTheFirstIsRefused() throws IOException {
    assertEquals(3, type(records(1), records(1)));
    assertTrue(Files.readString(bench.out().resolve("s/error.json")).contains("a copy of it"));
  }
}
