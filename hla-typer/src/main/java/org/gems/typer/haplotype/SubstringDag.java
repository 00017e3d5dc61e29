package org.gems.typer.haplotype;

import java.util.Arrays;

/**
 * Scores one read against thousands of similar sequences at the price of a few. Sequences anchored
 * at a common end are cut into blocks of eight bases, equal blocks are kept once, and blocks are
 * joined pairwise, equal joins kept once, until each sequence is one node. A read's score against a
 * node is the sum over its two halves, so what sequences share is added up once.
 */
public final class SubstringDag {
  /**
   * Floats per position in a weight table: one a base, one for unknown and one for beyond the end.
   */
  public static final int STRIDE = 6;

  private static final int BLOCK = 8;

  private final int sequences;
  private final int leaves;
  private final int[] leafBlock;
  private final byte[] leafBases;
  private final int[] left;
  private final int[] right;
  private final int[] root;
  private final int positions;

  /** Builds the graph of sequences that are anchored at their index 0. */
  public SubstringDag(byte[][] anchored) {
    sequences = anchored.length;
    int longest = Arrays.stream(anchored).mapToInt(s -> s.length).max().orElse(0);
    int blocks = Integer.highestOneBit(Math.max(1, (longest + BLOCK - 1) / BLOCK) * 2 - 1);
    positions = blocks * BLOCK;
    Builder builder = new Builder();
    int[][] level = builder.leaves(anchored, blocks);
    leaves = builder.nodes;
    leafBlock = builder.leafBlocks();
    leafBases = builder.leafBases();
    while (level.length > 1) {
      level = builder.join(level, sequences);
    }
    root = level[0];
    left = builder.left();
    right = builder.right();
  }

  /** Number of sequences. */
  public int size() {
    return sequences;
  }

  /** Positions that a weight table must have; those beyond a read hold 0. */
  public int positions() {
    return positions;
  }

  /** Length of the scratch array that {@link #addScores} needs. */
  public int nodes() {
    return leaves + left.length;
  }

  /**
   * Adds the read's score against every sequence.
   *
   * @param weights at {@code position * STRIDE + base}, the log-likelihood of what was read there
   *     were the base the true one; at least {@link #positions} positions
   * @param scratch at least {@link #nodes} floats
   * @param scores one a sequence, added to
   */
  public void addScores(float[] weights, float[] scratch, float[] scores) {
    scoreBlocks(weights, scratch);
    addJoined(scratch, scores);
  }

  /**
   * Scores the blocks alone, the first half of {@link #addScores}.
   *
   * @return a score that no sequence exceeds: that of the best blocks, whether or not one sequence
   *     has them all
   */
  public float scoreBlocks(float[] weights, float[] scratch) {
    float bound = 0;
    for (int leaf = 0; leaf < leaves; ) {
      int block = leafBlock[leaf];
      float best = Float.NEGATIVE_INFINITY;
      for (; leaf < leaves && leafBlock[leaf] == block; leaf++) {
        float sum = 0;
        int at = block * BLOCK * STRIDE;
        for (int i = leaf * BLOCK, end = i + BLOCK; i < end; i++, at += STRIDE) {
          sum += weights[at + leafBases[i]];
        }
        scratch[leaf] = sum;
        best = Math.max(best, sum);
      }
      bound += best;
    }
    return bound;
  }

  /** Joins the blocks' scores, the second half of {@link #addScores}. */
  public void addJoined(float[] scratch, float[] scores) {
    for (int node = 0; node < left.length; node++) {
      scratch[leaves + node] = scratch[left[node]] + scratch[right[node]];
    }
    for (int s = 0; s < sequences; s++) {
      scores[s] += scratch[root[s]];
    }
  }

  /** Numbers equal blocks and equal joins. */
  private static final class Builder {
    private final LongIds seen = new LongIds();
    private int nodes;
    private final IntList blockOf = new IntList();
    private final IntList packed = new IntList();
    private final IntList leftOf = new IntList();
    private final IntList rightOf = new IntList();

    int[][] leaves(byte[][] anchored, int blocks) {
      int[][] level = new int[blocks][anchored.length];
      for (int block = 0; block < blocks; block++) {
        seen.clear();
        for (int s = 0; s < anchored.length; s++) {
          int key = pack(anchored[s], block * BLOCK);
          int known = seen.getOrPut(key, nodes);
          if (known == LongIds.NONE) {
            known = nodes++;
            blockOf.add(block);
            packed.add(key);
          }
          level[block][s] = known;
        }
      }
      return level;
    }

    int[][] join(int[][] level, int sequences) {
      int[][] joined = new int[level.length / 2][sequences];
      for (int pair = 0; pair < joined.length; pair++) {
        seen.clear();
        for (int s = 0; s < sequences; s++) {
          int one = level[2 * pair][s];
          int two = level[2 * pair + 1][s];
          long key = ((long) one << 32) | two;
          int known = seen.getOrPut(key, nodes);
          if (known == LongIds.NONE) {
            known = nodes++;
            leftOf.add(one);
            rightOf.add(two);
          }
          joined[pair][s] = known;
        }
      }
      return joined;
    }

    int[] leafBlocks() {
      return blockOf.toArray();
    }

    byte[] leafBases() {
      int[] keys = packed.toArray();
      byte[] bases = new byte[keys.length * BLOCK];
      for (int i = 0; i < bases.length; i++) {
        bases[i] = (byte) ((keys[i / BLOCK] >>> (3 * (i % BLOCK))) & 7);
      }
      return bases;
    }

    int[] left() {
      return leftOf.toArray();
    }

    int[] right() {
      return rightOf.toArray();
    }

    private static int pack(byte[] sequence, int from) {
      int key = 0;
      for (int i = 0; i < BLOCK; i++) {
        int at = from + i;
        int code = at < sequence.length ? sequence[at] : Bases.BEYOND;
        key |= code << (3 * i);
      }
      return key;
    }
  }
}
