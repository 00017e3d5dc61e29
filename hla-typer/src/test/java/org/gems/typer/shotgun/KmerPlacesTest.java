package org.gems.typer.shotgun;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Many k-mers at once are found as one by one. */
final class KmerPlacesTest {
  @Test
  void manyKmersAreFoundAsOneByOne() {
    Random random = new Random(4);
    KmerPlaces places = new KmerPlaces(4);
    long[] keys = new long[2000];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = random.nextLong() >>> 16;
      if (i % 2 == 0) {
        places.add(keys[i], KmerIndex.place(i % 3, 1, false, 2, i));
      }
    }
    int[] slots = new int[keys.length];
    places.find(keys, keys.length, new long[keys.length], slots);
    for (int i = 0; i < keys.length; i++) {
      assertEquals(places.find(keys[i]), slots[i]);
      assertEquals(i % 2 == 0, slots[i] >= 0);
    }
  }
}
