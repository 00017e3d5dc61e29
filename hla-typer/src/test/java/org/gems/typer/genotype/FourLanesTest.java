package org.gems.typer.genotype;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Four sequences at once give what each gives alone, to the bit. */
final class FourLanesTest {
  private static final int PAIRS = 77;

  private final Random random = new Random(3);
  private final float[] elsewhere = floats();
  private final float[] own = floats();

  private float[] floats() {
    float[] found = new float[PAIRS];
    for (int p = 0; p < PAIRS; p++) {
      found[p] = (float) Math.exp(-random.nextInt(30));
    }
    return found;
  }

  private float[][] sequences(int count) {
    float[][] found = new float[count][];
    Arrays.setAll(found, i -> floats());
    return found;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 9})
  void eachSequenceIsAsAlone(int count) {
    float[][] sequences = sequences(count);
    double[] weights = random.doubles(PAIRS).toArray();
    double[] balanced = FourLanes.balanced(elsewhere, own, sequences);
    double[] weighed = FourLanes.weighed(weights, sequences);
    for (int s = 0; s < count; s++) {
      assertEquals(balanced(sequences[s]), balanced[s], 0);
      double sum = 0;
      for (int p = 0; p < PAIRS; p++) {
        sum += sequences[s][p] * weights[p];
      }
      assertEquals(sum, weighed[s], 0);
    }
  }

  /** As it is written down: products of 32 factors, and the sum of their logarithms. */
  private double balanced(float[] other) {
    double sum = 0;
    for (int from = 0; from < PAIRS; from += 32) {
      double product = 1;
      for (int p = from; p < Math.min(PAIRS, from + 32); p++) {
        product *= (1 - elsewhere[p]) * 0.5 * (own[p] + other[p]) + elsewhere[p];
      }
      sum += Math.log(product);
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 9})
  void sharesAreMixedInTheirOrder(int count) {
    float[][] sequences = sequences(count);
    double[] shares = random.doubles(count).toArray();
    double[] expected = floatsAsDoubles(own);
    for (int s = 0; s < count; s++) {
      for (int p = 0; p < PAIRS; p++) {
        expected[p] += shares[s] * sequences[s][p];
      }
    }
    double[] mixed = floatsAsDoubles(own);
    FourLanes.mix(mixed, sequences, shares);
    for (int p = 0; p < PAIRS; p++) {
      assertEquals(expected[p], mixed[p], 0);
    }
  }

  private static double[] floatsAsDoubles(float[] floats) {
    double[] found = new double[floats.length];
    Arrays.setAll(found, p -> floats[p]);
    return found;
  }
}
