package org.gems.typer.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.gems.typer.Bases;
import org.gems.typer.evidence.NearestSequences.Recent;
import org.gems.typer.evidence.NearestSequences.Slice;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.haplotype.HaplotypeSetBuilder;
import org.gems.typer.haplotype.LocatedAmplicon;
import org.gems.typer.haplotype.LocatedAmplicon.Cut;
import org.gems.typer.haplotype.LocatedAmplicon.Span;
import org.gems.typer.library.AlleleEntry;
import org.gems.typer.library.AlleleName;
import org.gems.typer.library.LocusTable;
import org.gems.typer.reads.QualityModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The search for a pair's best sequences against its slow twin, which compares every base. */
final class NearestSequencesTest {
  private static final QualityModel QUALITIES = new QualityModel(0.001);
  private static final int BP = 96;

  /** Stands for the base past a sequence's end. */
  private static final byte BEYOND = 5;

  /** Alleles that differ from one root in a few bases, some of them shorter. */
  private static HaplotypeSet relatives(Random random, int count) {
    byte[] root = new byte[BP];
    for (int i = 0; i < BP; i++) {
      root[i] = (byte) "ACGT".charAt(random.nextInt(4));
    }
    List<byte[]> rows = new ArrayList<>();
    List<AlleleEntry> alleles = new ArrayList<>();
    for (int a = 0; a < count; a++) {
      byte[] row = root.clone();
      for (int change = random.nextInt(6); change > 0; change--) {
        row[random.nextInt(BP)] = (byte) "ACGT.".charAt(random.nextInt(5));
      }
      rows.add(row);
      alleles.add(new AlleleEntry(AlleleName.parse("A*01:%02d".formatted(a + 1)), "", "", ""));
    }
    int[] rowOf = IntStream.range(0, count).toArray();
    LocusTable.Feature feature = new LocusTable.Feature("exon1", rows, rowOf, rows.get(0), false);
    LocusTable table = new LocusTable("A", List.of(feature), alleles);
    Cut nowhere = new Cut(false, -1);
    LocatedAmplicon whole =
        new LocatedAmplicon(List.of(new Span(0, 0, BP)), 0, 0, nowhere, nowhere);
    return HaplotypeSetBuilder.build(table, whole, 4, 1).orElseThrow();
  }

  private static byte packed(byte code, int quality) {
    return code == Bases.UNKNOWN ? 0 : (byte) (code << 6 | quality);
  }

  private static int slow(byte[] sequence, Slice left, Slice right) {
    int loss = 0;
    for (int i = 0; i < left.length(); i++) {
      byte truth = i < sequence.length ? sequence[i] : BEYOND;
      loss += one(truth, left.data()[left.start() + i]);
    }
    for (int i = 0; i < right.length(); i++) {
      int at = sequence.length - 1 - i;
      byte truth = at >= 0 ? Bases.complement(sequence[at]) : BEYOND;
      loss += one(truth, right.data()[right.start() + i]);
    }
    return loss;
  }

  private static int one(byte truth, byte packed) {
    int quality = PackedRead.quality(packed);
    if (truth == BEYOND) {
      return QUALITIES.lossesBeyond()[quality];
    }
    return truth == PackedRead.base(packed) ? 0 : QUALITIES.losses()[quality];
  }

  /**
   * A read of a sequence with errors where its qualities are low, and bases that are not called.
   */
  private static Slice read(Random random, byte[] sequence, boolean fromEnd, int bp, int shift) {
    byte[] packed = new byte[bp + shift];
    for (int i = 0; i < bp; i++) {
      int quality = random.nextInt(42);
      int at = fromEnd ? sequence.length - 1 - i : i;
      byte code = (byte) random.nextInt(4);
      if (at >= 0 && at < sequence.length && random.nextInt(42) < quality + 2) {
        code = fromEnd ? Bases.complement(sequence[at]) : sequence[at];
      }
      packed[shift + i] = packed(random.nextInt(30) == 0 ? Bases.UNKNOWN : code, quality);
    }
    return new Slice(packed, shift, bp);
  }

  private static Map<Integer, Integer> slowSearch(
      HaplotypeSet set, Slice left, Slice right, int limit, int margin) {
    Map<Integer, Integer> losses = new TreeMap<>();
    for (int h = 0; h < set.size(); h++) {
      losses.put(h, slow(set.sequence(h), left, right));
    }
    int least = losses.values().stream().mapToInt(Integer::intValue).min().orElseThrow();
    losses.values().removeIf(loss -> least > limit || loss > least + margin);
    return losses;
  }

  private static Map<Integer, Integer> found(NearestSequences nearest) {
    Map<Integer, Integer> losses = new TreeMap<>();
    for (int i = 0; i < nearest.size(); i++) {
      losses.put(nearest.sequence(i), nearest.loss(i));
    }
    return losses;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3_000, 30_000})
  void theSequencesAndTheirLossesAreThoseOfTheSlowTwin(int margin) {
    Random random = new Random(4 + margin);
    NearestSequences nearest = new NearestSequences(QUALITIES);
    HaplotypeSet set = relatives(random, 300);
    Recent recent = new Recent();
    for (int round = 0; round < 600; round++) {
      byte[] sequence = set.sequence(random.nextInt(set.size()));
      Slice left = read(random, sequence, false, 1 + random.nextInt(BP + 20), random.nextInt(3));
      Slice right = read(random, sequence, true, 1 + random.nextInt(BP + 20), random.nextInt(3));
      int limit = round % 3 == 0 ? random.nextInt(60_000) : NearestSequences.UNLIMITED;
      nearest.load(left, right);
      boolean any = nearest.search(set, limit, margin);
      Map<Integer, Integer> expected = slowSearch(set, left, right, limit, margin);
      assertEquals(expected, found(nearest));
      assertEquals(!expected.isEmpty(), any);
      if (any) {
        recent.add(nearest.sequence(0));
      }
    }
  }

  @Test
  void aLossUnderItsLimitIsThatOfTheSlowTwinAndAnyOtherIsAboveIt() {
    Random random = new Random(5);
    NearestSequences nearest = new NearestSequences(QUALITIES);
    HaplotypeSet set = relatives(random, 40);
    for (int round = 0; round < 200; round++) {
      byte[] sequence = set.sequence(random.nextInt(set.size()));
      Slice left = read(random, sequence, false, 60, 0);
      Slice right = read(random, sequence, true, 70, 0);
      nearest.load(left, right);
      for (int h = 0; h < set.size(); h++) {
        int expected = slow(set.sequence(h), left, right);
        assertEquals(expected, nearest.loss(set, h, expected));
        assertTrue(expected == 0 || nearest.loss(set, h, expected - 1) > expected - 1);
      }
    }
  }

  @Test
  void aSetThatCannotBeWithinALimitIsGivenUp() {
    Random random = new Random(6);
    NearestSequences nearest = new NearestSequences(QUALITIES);
    HaplotypeSet set = relatives(random, 30);
    byte[] stranger = new byte[200];
    for (int i = 0; i < stranger.length; i++) {
      stranger[i] = packed((byte) random.nextInt(4), 40);
    }
    nearest.load(new Slice(stranger, 0, 90), new Slice(stranger, 100, 90));
    assertFalse(nearest.search(set, 20_000, 3_000));
    assertTrue(nearest.search(set, NearestSequences.UNLIMITED, 3_000));
  }

  @Test
  void aLongReadIsFollowedByAShortOneWithoutATraceOfIt() {
    Random random = new Random(7);
    HaplotypeSet set = relatives(random, 10);
    byte[] sequence = set.sequence(3);
    Slice left = read(random, sequence, false, 20, 0);
    Slice right = read(random, sequence, true, 20, 0);
    NearestSequences used = new NearestSequences(QUALITIES);
    used.load(read(random, sequence, false, 900, 0), read(random, sequence, true, 700, 0));
    used.load(left, right);
    used.search(set, NearestSequences.UNLIMITED, 0);
    assertEquals(slowSearch(set, left, right, NearestSequences.UNLIMITED, 0), found(used));
  }
}
