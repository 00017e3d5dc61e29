package org.gems.typer.library;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An allele's full name without {@code HLA-}, such as {@code A*01:01:01:02N}; ordered by gene, then
 * by the numbers of its fields, so that {@code A*02:07} comes before {@code A*02:10} and {@code
 * A*02:101} after both.
 */
public record AlleleName(String text, String locus, List<Integer> fields, String suffix)
    implements Comparable<AlleleName> {
  private static final Pattern SHAPE =
      Pattern.compile("([A-Z0-9]+)\\*([0-9]+(?::[0-9]+){0,3})([A-Z]?)");
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
    Matcher matcher = SHAPE.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not an allele name: " + text);
    }
    List<Integer> fields =
        Arrays.stream(matcher.group(2).split(":", -1)).map(Integer::valueOf).toList();
    return new AlleleName(text, matcher.group(1), fields, matcher.group(3));
  }

  /** The first field, which names the allele's family. */
  public int family() {
    return fields.get(0);
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
