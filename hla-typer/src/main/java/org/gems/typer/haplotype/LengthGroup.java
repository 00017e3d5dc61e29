package org.gems.typer.haplotype;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.gems.typer.Bases;

/**
 * Sequences of one length, seen from both ends. Their bases stand in the same places, so that a
 * read's error is soon seen to be one; lengths that few sequences have share a group.
 *
 * @param fromStart the sequences
 * @param fromEnd the same read backwards, under the same numbers
 */
public record LengthGroup(PrefixTree fromStart, PrefixTree fromEnd) {
  private static final int FEW = 12;

  /** Groups sequences of base codes. */
  static List<LengthGroup> of(byte[][] sequences) {
    Map<Integer, IntList> byLength = new TreeMap<>();
    byte[][] backwards = new byte[sequences.length][];
    for (int s = 0; s < sequences.length; s++) {
      byLength.computeIfAbsent(sequences[s].length, length -> new IntList()).add(s);
      backwards[s] = Bases.reversed(sequences[s]);
    }
    IntList rest = new IntList();
    List<LengthGroup> groups = new ArrayList<>();
    for (IntList numbers : byLength.values()) {
      if (numbers.size() < FEW) {
        for (int i = 0; i < numbers.size(); i++) {
          rest.add(numbers.get(i));
        }
      } else {
        groups.add(group(sequences, backwards, numbers));
      }
    }
    if (rest.size() > 0) {
      groups.add(group(sequences, backwards, rest));
    }
    return groups;
  }

  private static LengthGroup group(byte[][] sequences, byte[][] backwards, IntList numbers) {
    int[] chosen = numbers.toArray();
    return new LengthGroup(PrefixTree.of(sequences, chosen), PrefixTree.of(backwards, chosen));
  }
}
