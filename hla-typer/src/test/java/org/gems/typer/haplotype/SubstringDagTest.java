package org.gems.typer.haplotype;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fast scorer against its slow twin. */
final class SubstringDagTest {
  private static float[] slowScores(byte[][] sequences, float[] weights, int positions) {
    float[] scores = new float[sequences.length];
    for (int s = 0; s < sequences.length; s++) {
      for (int i = 0; i < positions; i++) {
        int code = i < sequences[s].length ? sequences[s][i] : Bases.BEYOND;
        scores[s] += weights[i * SubstringDag.STRIDE + code];
      }
    }
    return scores;
  }

  private static byte[][] relatives(Random random, int count, int longest) {
    byte[] root = new byte[longest];
    for (int i = 0; i < longest; i++) {
      root[i] = (byte) random.nextInt(5);
    }
    byte[][] result = new byte[count][];
    for (int s = 0; s < count; s++) {
      result[s] = java.util.Arrays.copyOf(root, longest - random.nextInt(Math.min(longest, 9)));
      for (int change = 0; change < 3 && result[s].length > 0; change++) {
        result[s][random.nextInt(result[s].length)] = (byte) random.nextInt(4);
      }
    }
    return result;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 64, 65, 320})
  void scoresAreThoseOfTheSlowTwin(int longest) {
    Random random = new Random(longest);
    byte[][] sequences = relatives(random, 200, longest);
    SubstringDag dag = new SubstringDag(sequences);
    float[] weights = new float[dag.positions() * SubstringDag.STRIDE];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = -random.nextFloat() * 8;
    }
    float[] scores = new float[sequences.length];
    float bound = dag.scoreBlocks(weights, new float[dag.nodes()]);
    dag.addScores(weights, new float[dag.nodes()], scores);
    float[] expected = slowScores(sequences, weights, dag.positions());
    for (int s = 0; s < scores.length; s++) {
      assertEquals(expected[s], scores[s], 0.01);
      assertTrue(scores[s] <= bound + 0.01);
    }
  }

  @Test
  void whatSequencesShareIsKeptOnce() {
    byte[][] sequences = relatives(new Random(1), 1000, 320);
    assertTrue(new SubstringDag(sequences).nodes() < 1000 * 12);
  }

  @Test
  void scoresAreAddedToWhatIsThere() {
    SubstringDag dag = new SubstringDag(new byte[][] {{0, 1}, {0, 2}});
    float[] weights = new float[dag.positions() * SubstringDag.STRIDE];
    weights[SubstringDag.STRIDE + 2] = -3;
    float[] scores = {5, 5};
    dag.addScores(weights, new float[dag.nodes()], scores);
    assertEquals(5, scores[0]);
    assertEquals(2, scores[1]);
  }
}
