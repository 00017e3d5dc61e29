package org.gems.typer.reads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.gems.typer.BadInputException;
import org.gems.typer.testing.Reads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** FASTQ files as they come, and as they must not come. */
final class FastqReaderTest {
  @TempDir private Path folder;

  private Path file(byte[] bytes) throws IOException {
    Path path = folder.resolve("reads.fastq.gz");
    Files.write(path, bytes);
    return path;
  }

  private Path plain(String text) throws IOException {
    return file(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static int count(Path path) throws IOException {
    int records = 0;
    try (FastqReader reader = new FastqReader(path)) {
      while (reader.next()) {
        records++;
      }
    }
    return records;
  }

  private BadInputException refused(byte[] bytes) throws IOException {
    Path path = file(bytes);
    return assertThrows(BadInputException.class, () -> count(path));
  }

  private BadInputException refused(String text) throws IOException {
    return refused(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void theSequencersRunsAreThoseThatIlluminasNamesTellOf() throws IOException {
    String record = "\nACGT\n+\nIIII\n";
    String names =
        "@M1:7:FC2:1:1101:15:13 1:N:0:1"
            + record
            + "@M1:7:FC1:1:1101:15:13 1:N:0:1"
            + record
            + "@M1:7:FC2:1:2101:9:8"
            + record
            + "@SRR1.5 5/1"
            + record
            + "@a:b:c:1"
            + record;
    try (FastqReader reader = new FastqReader(plain(names))) {
      while (reader.next()) {
        assertTrue(reader.length() > 0);
      }
      assertEquals(List.of("M1:7:FC1:1", "M1:7:FC2:1"), List.copyOf(reader.runs()));
    }
  }

  @Test
  void gzipOfSeveralMembersIsReadToItsEnd() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(Reads.gzip("@a\nACGT\n+\nIIII\n"));
    bytes.write(Reads.gzip("@b\nACGT\n+\nIIII\n"));
    assertEquals(2, count(file(bytes.toByteArray())));
  }

  @Test
  void windowsLineEndsAndLowerCaseAreTolerated() throws IOException {
    try (FastqReader reader = new FastqReader(plain("@a\r\nacgtn\r\n+\r\nIIIII\r\n"))) {
      assertTrue(reader.next());
      assertEquals(5, reader.length());
      assertFalse(reader.next());
    }
  }

  @Test
  void aLastLineWithoutAnEndIsRead() throws IOException {
    assertEquals(1, count(plain("@a\nACGT\n+\nIIII")));
  }

  @Test
  void aTruncatedGzipIsRefusedByName() throws IOException {
    byte[] whole = Reads.gzip("@a\nACGT\n+\nIIII\n".repeat(500));
    BadInputException error = refused(Arrays.copyOf(whole, whole.length - 10));
    assertEquals("a truncated gzip file", error.found());
    assertTrue(error.file().endsWith("reads.fastq.gz"));
  }

  @Test
  void damagedGzipDataIsRefused() throws IOException {
    byte[] bytes = Reads.gzip("@a\nACGT\n+\nIIII\n".repeat(500));
    Arrays.fill(bytes, 12, bytes.length - 8, (byte) 0xff);
    assertEquals("gzip data", refused(bytes).expected());
  }

  @Test
  void anEmptyFileIsRefused() throws IOException {
    assertEquals("an empty file", refused("").found());
  }

  @Test
  void aRecordWithoutItsQualitiesIsRefusedAtItsLine() throws IOException {
    BadInputException error = refused("@a\nACGT\n+\nIIII\n@b\nACGT\n+\n");
    assertEquals(8, error.line());
    assertEquals("the end of the file", error.found());
  }

  @Test
  void tooFewQualitiesAreRefusedAtTheirLine() throws IOException {
    BadInputException error = refused("@a\nACGT\n+\nIII\n");
    assertEquals(4, error.line());
    assertEquals("4 qualities", error.expected());
  }

  @Test
  void anotherSymbolThanABaseIsRefusedWithItsColumn() throws IOException {
    BadInputException error = refused("@a\nAC!T\n+\nIIII\n");
    assertEquals(2, error.line());
    assertEquals("byte 0x21 at column 3", error.found());
  }

  @Test
  void aNameWithoutItsSignIsRefused() throws IOException {
    assertEquals(1, refused("a\nACGT\n+\nIIII\n").line());
  }

  @Test
  void aMissingSeparatorIsRefused() throws IOException {
    assertEquals(3, refused("@a\nACGT\nIIII\n@b\n").line());
  }

  @Test
  void qualitiesBelowTheScaleAreRefused() throws IOException {
    assertEquals(4, refused("@a\nACGT\n+\nII I\n").line());
  }

  @Test
  void filesOfUnequalLengthAreRefused() throws IOException {
    Path two = plain("@a/2\nACGT\n+\nIIII\n");
    Path one = folder.resolve("one.fastq");
    Files.writeString(one, "@a/1\nACGT\n+\nIIII\n@b/1\nACGT\n+\nIIII\n");
    try (PairReader pairs = new PairReader(one, two)) {
      assertTrue(pairs.next());
      BadInputException error = assertThrows(BadInputException.class, pairs::next);
      assertEquals(two.toString(), error.file());
    }
  }

  @Test
  void gzipPaddedWithZeroesIsRead() throws IOException {
    byte[] whole = Reads.gzip("@a\nACGT\n+\nIIII\n");
    assertEquals(1, count(file(Arrays.copyOf(whole, whole.length + 512))));
  }

  @Test
  void gzipWithANameAndACommentInItsHeaderIsRead() throws IOException {
    byte[] whole = Reads.gzip("@a\nACGT\n+\nIIII\n");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(whole, 0, 3);
    bytes.write(8 + 16);
    bytes.write(whole, 4, 6);
    bytes.writeBytes("reads.fastq\0a comment\0".getBytes(StandardCharsets.US_ASCII));
    bytes.write(whole, 10, whole.length - 10);
    assertEquals(1, count(file(bytes.toByteArray())));
  }

  @Test
  void bytesAfterTheLastMemberAreRefused() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(Reads.gzip("@a\nACGT\n+\nIIII\n"));
    bytes.write('x');
    assertEquals("gzip data", refused(bytes.toByteArray()).expected());
  }

  @Test
  void aSecondMemberWithADamagedHeaderIsRefusedAndNotTakenForTheEnd() throws IOException {
    byte[] member = Reads.gzip("@a\nACGT\n+\nIIII\n");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(member);
    bytes.write(0x1e);
    bytes.write(member, 1, member.length - 1);
    assertEquals("gzip data", refused(bytes.toByteArray()).expected());
  }

  @Test
  void aSecondMemberCutShortIsRefused() throws IOException {
    byte[] member = Reads.gzip("@a\nACGT\n+\nIIII\n");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(member);
    bytes.write(member, 0, member.length - 6);
    assertEquals("a truncated gzip file", refused(bytes.toByteArray()).found());
  }

  @Test
  void aWrongChecksumIsRefused() throws IOException {
    byte[] bytes = Reads.gzip("@a\nACGT\n+\nIIII\n");
    bytes[bytes.length - 8] ^= 1;
    assertTrue(refused(bytes).found().contains("checksum"));
  }

  @Test
  void largeFilesOfManyMembersAreReadWhole() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < 300; i++) {
      bytes.write(Reads.gzip("@a\nACGTACGTAC\n+\nIII#IIIIII\n".repeat(i)));
    }
    assertEquals(300 * 299 / 2, count(file(bytes.toByteArray())));
  }

  @Test
  void qualitiesOfTheOldScaleAreRefused() throws IOException {
    BadInputException error = refused("@a\nACGT\n+\nhhBh\n".repeat(3000));
    assertEquals("qualities in Phred+33", error.expected());
    assertTrue(error.found().contains("first 2000 reads"), error.found());
  }

  @Test
  void aFewReadsOfTheBestQualityAloneAreNoOldScale() throws IOException {
    assertEquals(9, count(plain("@a\nACGT\n+\nIKIJ\n".repeat(9))));
  }

  @Test
  void oneWeakBaseSettlesThatTheScaleIsTheNewOne() throws IOException {
    assertEquals(2, count(plain("@a\nACGT\n+\nhh#h\n@b\nACGT\n+\nhhhh\n")));
  }

  @Test
  void namesThatEndInTheNumberOfTheReadAreMates() throws IOException {
    Path two = plain("@a/2\nACGT\n+\nIIII\n");
    Path one = folder.resolve("one.fastq");
    Files.writeString(one, "@a/1\nACGT\n+\nIIII\n");
    try (PairReader pairs = new PairReader(one, two)) {
      assertTrue(pairs.next());
      assertEquals(1, pairs.first().mate());
      assertEquals(2, pairs.second().mate());
    }
    try (PairReader swapped = new PairReader(two, one)) {
      assertEquals(
          "read 1 of a pair", assertThrows(BadInputException.class, swapped::next).expected());
    }
  }

  @Test
  void aNumberThatSaysSomethingElseIsNoMate() throws IOException {
    try (FastqReader reader = new FastqReader(plain("@SRR1.1 1 length=4\nACGT\n+\nIIII\n"))) {
      assertTrue(reader.next());
      assertEquals(0, reader.mate());
    }
  }

  @Test
  void matesOfOtherNamesAreRefused() throws IOException {
    Path two = plain("@b 2:N:0:1\nACGT\n+\nIIII\n");
    Path one = folder.resolve("one.fastq");
    Files.writeString(one, "@a 1:N:0:1\nACGT\n+\nIIII\n");
    try (PairReader pairs = new PairReader(one, two)) {
      BadInputException error = assertThrows(BadInputException.class, pairs::next);
      assertEquals("records with a mate in " + one, error.expected());
      assertEquals("2 of 2 without one, first read b beside a", error.found());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"~", "h", "I", "@", "#"})
  void oneQualityForAllBasesSaysNothingOfTheScale(String quality) throws IOException {
    String record = "@a\nACGT\n+\n%s\n".formatted(quality.repeat(4));
    assertEquals(1, count(plain(record)));
    assertEquals(3000, count(plain(record.repeat(3000))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hhhg", "~~~}", "Bhhh", "@hhh", "KLLL"})
  void twoQualitiesOfTheOldScaleAreRefused(String qualities) throws IOException {
    String record = "@a\nACGT\n+\n%s\n".formatted(qualities);
    assertEquals("qualities in Phred+33", refused(record.repeat(2000)).expected());
    assertEquals("qualities in Phred+33", refused(record).expected());
  }

  private static String reads(int number, int bp) {
    String bases = "ACGTTGCA".repeat(bp / 8 + 1).substring(0, bp);
    return "@a\n%s\n+\n%s\n".formatted(bases, "I".repeat(bp)).repeat(number);
  }

  @ParameterizedTest
  @CsvSource({"1, 701, 0", "101, 900, 99", "200, 5000, 0", "3, 20000, 2", "30, 701, 29"})
  void aFileMostOfWhoseReadsAreLongIsRefused(int number, int bp, int shorter) throws IOException {
    BadInputException error = refused(reads(shorter, 250) + reads(number, bp));
    assertTrue(error.getMessage().contains("long reads"), error.getMessage());
    assertTrue(error.found().contains("%d bases".formatted(bp)), error.found());
  }

  @ParameterizedTest
  @CsvSource({"1, 700, 0", "500, 700, 0", "20, 900, 20", "99, 2000, 101", "1, 20000, 2"})
  void aFileOfWhichNotMostReadsAreLongIsRead(int number, int bp, int shorter) throws IOException {
    assertEquals(number + shorter, count(plain(reads(shorter, 250) + reads(number, bp))));
  }

  private long hash(String name) throws IOException {
    try (FastqReader reader = new FastqReader(plain("@%s\nACGT\n+\nIIII\n".formatted(name)))) {
      assertTrue(reader.next());
      return reader.templateHash();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "run:1:22 1:N:0:1, run:1:22 2:N:0:1",
    "run:1:22/1, run:1:22/2",
    "SRR1.7 7 length=150, SRR1.7 7 length=151",
    "run:1:22, run:1:22 2:Y:18:ATC"
  })
  void matesHaveOneNumber(String one, String two) throws IOException {
    assertEquals(hash(one), hash(two));
  }

  @Test
  void namesThatDifferHaveOtherNumbers() throws IOException {
    Set<Long> seen = new HashSet<>();
    Set<Long> bits = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      long hash = hash("M00001:7:000-A:1:1101:15589:" + i + " 1:N:0:1");
      seen.add(hash);
      bits.add(hash >>> 56);
    }
    assertEquals(500, seen.size());
    // Names that follow each other are spread over the numbers: a cut takes some of each.
    assertTrue(bits.size() > 150, bits.size() + " of 256");
  }
}
