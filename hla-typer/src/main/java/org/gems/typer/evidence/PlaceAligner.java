package org.gems.typer.evidence;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.gems.typer.genotype.Place;

/**
 * Lays a sequence on an allele's places with the fewest changes, where it is not simply a part of
 * them: bases that the release leaves open were filled from an allele with another number of bases.
 * Places before and after the sequence (the primers') cost nothing; open places fit any base.
 */
final class PlaceAligner {
  private final List<Place> places;
  private final String sequence;
  private final int[][] cost;

  private PlaceAligner(List<Place> places, String sequence) {
    this.places = places;
    this.sequence = sequence;
    this.cost = new int[sequence.length() + 1][places.size() + 1];
  }

  /**
   * A place for each base of the sequence; an inserted base has that of the base before it.
   *
   * @param places at least one
   */
  static List<Place> align(List<Place> places, String sequence) {
    PlaceAligner aligner = new PlaceAligner(places, sequence);
    aligner.fill();
    return aligner.trace();
  }

  private void fill() {
    for (int i = 1; i <= sequence.length(); i++) {
      cost[i][0] = i;
      for (int j = 1; j <= places.size(); j++) {
        int along = cost[i - 1][j - 1] + mismatch(i, j);
        int gap = 1 + Math.min(cost[i - 1][j], cost[i][j - 1]);
        cost[i][j] = Math.min(along, gap);
      }
    }
  }

  private int mismatch(int i, int j) {
    char symbol = places.get(j - 1).symbol();
    return symbol == '*' || symbol == sequence.charAt(i - 1) ? 0 : 1;
  }

  private List<Place> trace() {
    int i = sequence.length();
    int j = 0;
    for (int end = 1; end <= places.size(); end++) {
      j = cost[i][end] < cost[i][j] ? end : j;
    }
    List<Place> found = new ArrayList<>();
    while (i > 0) {
      if (j > 0 && cost[i][j] == cost[i - 1][j - 1] + mismatch(i, j)) {
        found.add(places.get(j - 1));
        i--;
        j--;
      } else if (j > 0 && cost[i][j] == cost[i][j - 1] + 1) {
        j--;
      } else {
        found.add(places.get(Math.max(0, j - 1)));
        i--;
      }
    }
    Collections.reverse(found);
    return found;
  }
}
