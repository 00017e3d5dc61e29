package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * The pairs that reach no exon, so many of each stretch of a gene: those with the lowest hashes of
 * their names. A pair that can no longer be among them need not be laid. Asked by several threads;
 * filled by one.
 */
final class IntronPairs {
  private final int cap;
  private final int segmentBp;
  private final Map<Long, PriorityQueue<Fragment>> kept = new TreeMap<>();
  private final Map<Long, Long> highest = new ConcurrentHashMap<>();

  IntronPairs(Ruleset ruleset) {
    cap = ruleset.count(Threshold.SHOTGUN_PAIRS_CAP_PER_SEGMENT);
    segmentBp = ruleset.count(Threshold.SHOTGUN_SEGMENT_BP);
  }

  /** A number for the stretch in which a column of a gene lies. */
  long stretch(int gene, int column) {
    return (long) gene << Integer.SIZE | Math.max(0, column) / segmentBp;
  }

  /** Whether a pair of a stretch comes too late, whatever it is. */
  boolean isBeyond(long stretch, long name) {
    Long limit = highest.get(stretch);
    return limit != null && name > limit;
  }

  /** Adds a pair of a stretch; one pair goes where they are too many. */
  void add(long stretch, Fragment fragment) {
    PriorityQueue<Fragment> own =
        kept.computeIfAbsent(
            stretch, e -> new PriorityQueue<>(Comparator.comparingLong(Fragment::name).reversed()));
    own.add(fragment);
    if (own.size() > cap) {
      own.poll();
    }
    if (own.size() == cap) {
      highest.put(stretch, own.peek().name());
    }
  }

  /** The kept pairs, stretch by stretch, in an order that the file has no part in. */
  List<Fragment> fragments() {
    List<Fragment> all = new ArrayList<>();
    kept.values()
        .forEach(
            own -> own.stream().sorted(Comparator.comparingLong(Fragment::name)).forEach(all::add));
    return all;
  }
}
