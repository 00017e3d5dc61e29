package org.gems.typer.library;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * An allele's full name without {@code HLA-}, such as {@code A*01:01:01:02N}; ordered by gene, then
 * by the numbers of its fields, so that {@code A*02:07} comes before {@code A*02:10} and {@code
 * A*02:101} after both.
 */
public record AlleleName(String text, String locus, List<Integer> fields, String suffix)
    implements Comparable<AlleleName> {
  private static final int MAXIMUM_FIELDS = 4;

  private static final Comparator<AlleleName> ORDER =
      Comparator.comparing(AlleleName::locus)
          .thenComparing(AlleleName::fields, AlleleName::compareFields)
          .thenComparing(AlleleName::suffix);

  /**
   * Reads a name.
   *
   * @throws IllegalArgumentException where the text is no allele name
   */
  public static AlleleName parse(String text) {
    int star = text.indexOf('*');
    for (int i = 0; i < star; i++) {
      require(isCapital(text.charAt(i)) || isDigit(text.charAt(i)), text);
    }
    int end = text.length();
    boolean suffixed = end > 0 && isCapital(text.charAt(end - 1));
    int numbersEnd = suffixed ? end - 1 : end;
    require(star > 0 && numbersEnd > star + 1, text);
    List<Integer> fields = fields(text, star + 1, numbersEnd);
    return new AlleleName(text, text.substring(0, star), fields, text.substring(numbersEnd));
  }

  /** Numbers with colons between them; written out because a release has tens of thousands. */
  private static List<Integer> fields(String text, int from, int to) {
    List<Integer> fields = new ArrayList<>(MAXIMUM_FIELDS);
    int start = from;
    for (int i = from; i <= to; i++) {
      if (i == to || text.charAt(i) == ':') {
        require(i > start && i - start < 10 && fields.size() < MAXIMUM_FIELDS, text);
        fields.add(Integer.parseInt(text, start, i, 10));
        start = i + 1;
      } else {
        require(isDigit(text.charAt(i)), text);
      }
    }
    return List.copyOf(fields);
  }

  private static boolean isCapital(char letter) {
    return letter >= 'A' && letter <= 'Z';
  }

  private static boolean isDigit(char letter) {
    return letter >= '0' && letter <= '9';
  }

  private static void require(boolean holds, String text) {
    if (!holds) {
      throw new IllegalArgumentException("not an allele name: " + text);
    }
  }

  /** The first field, which names the allele's family. */
  public int family() {
    return fields.get(0);
  }

  /** Whether it is one of so many proteins that its family's first names were given to. */
  boolean isAmongFirst(int proteins) {
    return fields.size() < 2 || fields.get(1) <= proteins;
  }

  /** Whether the allele is not expressed. */
  public boolean isNull() {
    return suffix.equals("N");
  }

  /** The name cut to two fields, without suffix. */
  public String twoFields() {
    String[] parts = text.substring(0, text.length() - suffix.length()).split(":", -1);
    return parts.length < 2 ? parts[0] : parts[0] + ":" + parts[1];
  }

  @Override
  public int compareTo(AlleleName other) {
    return ORDER.compare(this, other);
  }

  private static int compareFields(List<Integer> one, List<Integer> two) {
    int shared = Math.min(one.size(), two.size());
    for (int i = 0; i < shared; i++) {
      int order = Integer.compare(one.get(i), two.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(one.size(), two.size());
  }

  @Override
  public String toString() {
    return text;
  }
}
