package org.gems.typer;

/**
 * Bases as small numbers: A C G T are 0 to 3, anything else is 4, which never counts for or
 * against.
 */
public final class Bases {
  /** The code of an unknown base. */
  public static final byte UNKNOWN = 4;

  private static final byte[] CODE = new byte[128];

  static {
    java.util.Arrays.fill(CODE, UNKNOWN);
    String letters = "ACGT";
    for (int i = 0; i < 4; i++) {
      CODE[letters.charAt(i)] = (byte) i;
      CODE[Character.toLowerCase(letters.charAt(i))] = (byte) i;
    }
  }

  /** Sets of bases by IUPAC letter, bit 0 to 3 for A C G T. */
  private static final String IUPAC = "-ACMGRSVTWYHKDBN";

  private Bases() {}

  /**
   * The bases that a letter of a primer stands for.
   *
   * @return four bits, A the lowest; 0 for another symbol than IUPAC's letters in upper case
   */
  public static int set(char letter) {
    return Math.max(0, IUPAC.indexOf(letter));
  }

  /** The bases of each letter of a text, as {@link #set}. */
  public static byte[] sets(String text) {
    byte[] sets = new byte[text.length()];
    for (int i = 0; i < sets.length; i++) {
      sets[i] = (byte) set(text.charAt(i));
    }
    return sets;
  }

  /** Sets of bases of the other strand, in its own direction: A and T, C and G change places. */
  public static byte[] reverseComplementOfSets(byte[] sets) {
    byte[] result = new byte[sets.length];
    for (int i = 0; i < sets.length; i++) {
      result[sets.length - 1 - i] = (byte) (Integer.reverse(sets[i]) >>> 28);
    }
    return result;
  }

  /** The code of an ASCII letter, in either case. */
  public static byte code(byte letter) {
    return letter < 0 ? UNKNOWN : CODE[letter];
  }

  /** The code of the complement. */
  public static byte complement(byte code) {
    return code == UNKNOWN ? UNKNOWN : (byte) (3 - code);
  }

  /** The codes of a text. */
  public static byte[] codes(String text) {
    byte[] codes = new byte[text.length()];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = code((byte) text.charAt(i));
    }
    return codes;
  }

  /** The text of codes, {@code N} for unknown. */
  public static String text(byte[] codes) {
    StringBuilder text = new StringBuilder(codes.length);
    for (byte code : codes) {
      text.append("ACGTN".charAt(code));
    }
    return text.toString();
  }

  /** Codes of the other strand, in its own direction. */
  public static byte[] reverseComplement(byte[] codes) {
    byte[] result = new byte[codes.length];
    for (int i = 0; i < codes.length; i++) {
      result[codes.length - 1 - i] = complement(codes[i]);
    }
    return result;
  }

  /** Codes read backwards on the same strand. */
  public static byte[] reversed(byte[] codes) {
    byte[] result = new byte[codes.length];
    for (int i = 0; i < codes.length; i++) {
      result[codes.length - 1 - i] = codes[i];
    }
    return result;
  }
}
