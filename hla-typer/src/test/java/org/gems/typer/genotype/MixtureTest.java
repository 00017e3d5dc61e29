package org.gems.typer.genotype;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;
import org.gems.typer.testing.Rules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The share of two sequences, against a slow twin that tries all shares. */
final class MixtureTest {
  private static final double STEP = 0.0005;
  private static final float OUTLIERS = 0.005f;

  @TempDir private Path folder;

  /** Pairs of which only that matters how likely something else made them. */
  private static WeighedPairs weighed(int count, double sharePriorCounts) {
    return new WeighedPairs(null, null, null, new float[count], sharePriorCounts);
  }

  /** What a random sample's pairs say of two sequences. */
  private record Drawn(WeighedPairs pairs, float[] one, float[] two) {
    static Drawn of(long seed, int mostPairs) {
      Random random = new Random(seed);
      int pairs = random.nextInt(mostPairs + 1);
      double share = random.nextInt(4) == 0 ? random.nextInt(2) : random.nextDouble();
      double telling = random.nextDouble();
      Drawn drawn =
          new Drawn(weighed(pairs, 1 + random.nextInt(2)), new float[pairs], new float[pairs]);
      for (int p = 0; p < pairs; p++) {
        float less = random.nextDouble() < telling ? (float) Math.exp(-random.nextInt(45)) : 1;
        float most = random.nextInt(10) == 0 ? (float) Math.exp(-random.nextInt(30)) : 1;
        boolean isFirst = random.nextDouble() < share;
        drawn.one[p] = most * (isFirst ? 1 : less);
        drawn.two[p] = most * (isFirst ? less : 1);
        boolean isContested = random.nextInt(12) == 0;
        drawn.pairs.elsewhere()[p] =
            isContested ? Math.max(OUTLIERS, random.nextFloat()) : OUTLIERS;
      }
      return drawn;
    }

    static Drawn certain(int first, int second, int equal) {
      int pairs = first + second + equal;
      Drawn drawn = new Drawn(weighed(pairs, 1), new float[pairs], new float[pairs]);
      Arrays.fill(drawn.pairs.elsewhere(), OUTLIERS);
      for (int p = 0; p < pairs; p++) {
        drawn.one[p] = p < first || p >= first + second ? 1 : 0;
        drawn.two[p] = p < first ? 0 : 1;
      }
      return drawn;
    }

    Drawn turned() {
      return new Drawn(pairs, /* one= */ two, /* two= */ one);
    }

    double logLikelihood(double share) {
      double sum = 0;
      for (int p = 0; p < one.length; p++) {
        double own = share * one[p] + (1 - share) * two[p];
        double elsewhere = pairs.elsewhere()[p];
        sum += Math.log((1 - elsewhere) * own + elsewhere);
      }
      return sum;
    }

    /** The best of all shares in small steps, and of one sequence alone at its price. */
    double slowly(Ruleset ruleset) {
      double least = ruleset.get(Threshold.SHARE_MINIMUM);
      double price = ruleset.get(Threshold.DROPOUT_PENALTY_LN);
      double best = Math.max(logLikelihood(0), logLikelihood(1)) - price;
      for (double share = least; share < 1 - least + STEP / 2; share += STEP) {
        double pull = pairs.sharePriorCounts() * Math.log(4 * share * (1 - share));
        best = Math.max(best, logLikelihood(share) + pull);
      }
      return best;
    }
  }

  private static Fit fit(Ruleset ruleset, Drawn drawn) {
    return new Mixture(ruleset).fit(drawn.pairs(), drawn.one(), drawn.two());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 10, 60, 300})
  void theFitIsThatOfTheBestOfAllShares(int mostPairs) {
    Ruleset ruleset = Ruleset.builtIn();
    for (int seed = 0; seed < 150; seed++) {
      Drawn drawn = Drawn.of(31L * mostPairs + seed, mostPairs);
      double fitted = fit(ruleset, drawn).logLikelihood();
      assertEquals(drawn.slowly(ruleset), fitted, 1e-3, "seed " + seed);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 2, 40})
  void soItIsAtAnyPriceOfADropout(double price) throws IOException {
    Ruleset ruleset = Ruleset.read(new Rules().with("dropout_penalty_ln", price).write(folder));
    for (int seed = 0; seed < 100; seed++) {
      Drawn drawn = Drawn.of(7000 + seed, 120);
      assertEquals(
          drawn.slowly(ruleset), fit(ruleset, drawn).logLikelihood(), 1e-3, "seed " + seed);
    }
  }

  @Test
  void ofManyPairsTheFitIsNoWorseThanThatOfAnyShareTried() {
    Ruleset ruleset = Ruleset.builtIn();
    for (int seed = 0; seed < 10; seed++) {
      Drawn drawn = Drawn.of(9000 + seed, 3000);
      double fitted = fit(ruleset, drawn).logLikelihood();
      assertTrue(fitted > drawn.slowly(ruleset) - 1e-3, "seed " + seed);
    }
  }

  @Test
  void aMixtureThatIsUsedAgainForgetsWhatItFittedBefore() {
    Ruleset ruleset = Ruleset.builtIn();
    Mixture used = new Mixture(ruleset);
    for (int seed = 0; seed < 100; seed++) {
      Drawn drawn = Drawn.of(seed, 100);
      Fit again = used.fit(drawn.pairs(), drawn.one(), drawn.two());
      assertEquals(fit(ruleset, drawn), again);
    }
  }

  @Test
  void theSequencesInTheOtherOrderGiveTheOtherShare() {
    Ruleset ruleset = Ruleset.builtIn();
    for (int seed = 0; seed < 100; seed++) {
      Drawn drawn = Drawn.of(500 + seed, 100);
      Fit fit = fit(ruleset, drawn);
      Fit turned = fit(ruleset, drawn.turned());
      assertEquals(fit.logLikelihood(), turned.logLikelihood(), 1e-3);
      assertEquals(1 - fit.share(), turned.share(), 0.01);
    }
  }

  @Test
  void oneSequenceGivenTwiceExplainsThePairsByItself() {
    Drawn drawn = Drawn.of(4, 200);
    Mixture mixture = new Mixture(Ruleset.builtIn());
    Fit fit = mixture.fit(drawn.pairs(), drawn.one(), drawn.one());
    assertEquals(drawn.logLikelihood(1), fit.logLikelihood(), 1e-6);
  }

  @ParameterizedTest
  @CsvSource({"200, 0", "1000, 0", "3000, 500", "3000, 2000"})
  void anAlleleWithoutAPairCostsThePriceOfADropoutHoweverManyPairsThereAre(int pairs, int equal) {
    Ruleset ruleset = Ruleset.builtIn();
    double price = ruleset.get(Threshold.DROPOUT_PENALTY_LN);
    Drawn drawn = Drawn.certain(pairs, 0, equal);
    assertEquals(drawn.logLikelihood(1) - price, fit(ruleset, drawn).logLikelihood(), 1e-4);
    assertEquals(1, fit(ruleset, drawn).share(), 0.021);
  }

  @ParameterizedTest
  @CsvSource({"1", "5", "30", "100", "1000"})
  void itNeverCostsMore(int pairs) {
    Ruleset ruleset = Ruleset.builtIn();
    double price = ruleset.get(Threshold.DROPOUT_PENALTY_LN);
    Drawn drawn = Drawn.certain(0, pairs, 3);
    double lost = drawn.logLikelihood(0) - fit(ruleset, drawn).logLikelihood();
    assertTrue(lost > 0 && lost < price + 1e-4, "loses " + lost);
  }

  @ParameterizedTest
  @CsvSource({"50, 50", "90, 10", "15, 185", "150, 6"})
  void anAlleleWithPairsOfItsOwnIsNoDropout(int first, int second) throws IOException {
    Ruleset dear = Ruleset.read(new Rules().with("dropout_penalty_ln", 1e6).write(folder));
    Drawn drawn = Drawn.certain(first, second, 20);
    Fit fit = fit(Ruleset.builtIn(), drawn);
    assertEquals(fit(dear, drawn), fit);
    assertEquals((double) first / (first + second), fit.share(), 0.02);
  }

  @Test
  void aPairIsOfTheOneOfTheOtherOrOfNeither() {
    Random random = new Random(8);
    double[] parts = new double[2];
    for (int i = 0; i < 1000; i++) {
      float one = random.nextFloat();
      float two = random.nextFloat();
      double share = random.nextDouble();
      Mixture.responsibilities(one, two, 0.005f, share, parts);
      assertTrue(parts[0] >= 0 && parts[1] >= 0 && parts[0] + parts[1] <= 1);
      boolean isMoreOfFirst = share * one > (1 - share) * two;
      assertEquals(isMoreOfFirst, parts[0] > parts[1]);
    }
    Mixture.responsibilities(0, 0, 0.005f, 0.5, parts);
    assertEquals(0, parts[0] + parts[1]);
  }
}
