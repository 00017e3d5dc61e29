package org.gems.typer.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.gems.typer.evidence.PairScorer.Slice;
import org.gems.typer.haplotype.Bases;
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

/** A pair's score against every sequence, fast and slow. */
final class PairScorerTest {
  private static final QualityModel QUALITIES = new QualityModel(0.001);

  private static HaplotypeSet set(Random random, int count, int bp) {
    List<byte[]> rows = new java.util.ArrayList<>();
    List<AlleleEntry> alleles = new java.util.ArrayList<>();
    for (int a = 0; a < count; a++) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < bp; i++) {
        text.append("ACGT".charAt(random.nextInt(4)));
      }
      rows.add(text.toString().getBytes(StandardCharsets.US_ASCII));
      alleles.add(new AlleleEntry(AlleleName.parse("A*01:%02d".formatted(a + 1)), "", "", ""));
    }
    int[] rowOf = java.util.stream.IntStream.range(0, count).toArray();
    LocusTable.Feature feature = new LocusTable.Feature("exon1", rows, rowOf, rows.get(0), false);
    LocusTable table = new LocusTable("A", List.of(feature), alleles);
    Cut nowhere = new Cut(false, -1);
    LocatedAmplicon whole =
        new LocatedAmplicon(List.of(new Span(0, 0, bp)), 0, 0, nowhere, nowhere);
    return HaplotypeSetBuilder.build(table, whole, 4).orElseThrow();
  }

  private static double slow(byte[] sequence, byte[] left, byte[] right) {
    double score = 0;
    for (int i = 0; i < left.length; i++) {
      score += one(i < sequence.length ? sequence[i] : Bases.BEYOND, left[i]);
    }
    for (int i = 0; i < right.length; i++) {
      int at = sequence.length - 1 - i;
      score += one(at >= 0 ? Bases.complement(sequence[at]) : Bases.BEYOND, right[i]);
    }
    return score;
  }

  private static double one(byte truth, byte packed) {
    double penalty = QUALITIES.penalty(PackedRead.quality(packed));
    if (truth == Bases.BEYOND) {
      return Math.max(-penalty, Math.log(0.25));
    }
    return truth == PackedRead.base(packed) ? 0 : -penalty;
  }

  private static byte[] read(Random random, int bp) {
    byte[] packed = new byte[bp];
    for (int i = 0; i < bp; i++) {
      packed[i] = PackedRead.pack((byte) random.nextInt(5), random.nextInt(42));
    }
    return packed;
  }

  @Test
  void scoresAreThoseOfTheSlowTwinForLongAndShortReadsInTurn() {
    Random random = new Random(4);
    HaplotypeSet set = set(random, 30, 96);
    PairScorer scorer = new PairScorer(QUALITIES);
    float[] scores = new float[set.size()];
    for (int bp : new int[] {90, 20, 96, 1, 110, 40}) {
      byte[] left = read(random, bp);
      byte[] right = read(random, Math.max(1, bp / 2));
      scorer.score(set, new Slice(left, 0, left.length), new Slice(right, 0, right.length), scores);
      for (int h = 0; h < set.size(); h++) {
        byte[] seen = java.util.Arrays.copyOf(left, Math.min(left.length, 128));
        assertEquals(slow(set.sequence(h), seen, right), scores[h], 0.01);
      }
    }
  }

  @Test
  void aSetThatCannotReachAScoreIsGivenUpAndNoOther() {
    Random random = new Random(5);
    HaplotypeSet set = set(random, 30, 96);
    PairScorer scorer = new PairScorer(QUALITIES);
    float[] scores = new float[set.size()];
    for (int round = 0; round < 50; round++) {
      Slice left = new Slice(read(random, 60), 0, 60);
      Slice right = new Slice(read(random, 60), 0, 60);
      scorer.score(set, left, right, scores);
      float best = PairScorer.maximum(scores, set.size());
      assertTrue(scorer.scoreUnlessBelow(best, set, left, right, scores));
      assertFalse(scorer.scoreUnlessBelow(1, set, left, right, scores));
    }
  }
}
