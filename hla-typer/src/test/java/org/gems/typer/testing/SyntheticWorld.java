package org.gems.typer.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.gems.typer.library.LibraryManifest;

/**
 * A small made-up reference and a panel of it, in the formats of the contract. Every gene has a 5'
 * UTR, two exons with an intron between them and a 3' UTR, and two amplicons, one around each exon.
 * Sequences are random but for a seed.
 */
public final class SyntheticWorld {
  /** Features of every gene. */
  public static final List<String> FEATURES = List.of("5UTR", "exon1", "intron1", "exon2", "3UTR");

  private static final int[] LENGTHS = {120, 150, 160, 140, 120};
  private static final int FLANK_BP = 60;
  private static final int PRIMER_BP = 20;
  private static final int BRIDGE_FROM = 60;
  private static final int BRIDGE_TO = 90;

  private final Random random;
  private final Map<String, Map<String, List<String>>> genes = new LinkedHashMap<>();
  private final Map<String, String> ciwd = new LinkedHashMap<>();
  private final Map<String, List<String>> roots = new LinkedHashMap<>();

  /** A world of a seed. */
  public SyntheticWorld(long seed) {
    random = new Random(seed);
  }

  /** Adds a gene; the first allele added to it is its reference. */
  public SyntheticWorld gene(String gene) {
    List<String> root = new ArrayList<>();
    for (int length : LENGTHS) {
      root.add(randomBases(length));
    }
    roots.put(gene, root);
    genes.put(gene, new LinkedHashMap<>());
    return this;
  }

  /** Adds a gene that is like another but for a change every so many bases. */
  public SyntheticWorld geneLike(String gene, String other, int everyBp) {
    List<String> root = new ArrayList<>();
    for (String feature : roots.get(other)) {
      StringBuilder text = new StringBuilder(feature);
      for (int i = everyBp - 1; i < text.length(); i += everyBp) {
        text.setCharAt(i, next(text.charAt(i)));
      }
      root.add(text.toString());
    }
    roots.put(gene, root);
    genes.put(gene, new LinkedHashMap<>());
    return this;
  }

  /**
   * Adds an allele of a gene.
   *
   * @param changes such as {@code exon1:30} (another base there), {@code intron1:-} (deletion of
   *     its base 80), {@code exon1:20-60} (deletion of these bases, both ends included) or {@code
   *     exon2:*} (the feature is not stated)
   */
  public SyntheticWorld allele(String name, String... changes) {
    String gene = name.substring(0, name.indexOf('*'));
    List<String> features = new ArrayList<>(roots.get(gene));
    for (String change : changes) {
      String[] parts = change.split(":", -1);
      int f = FEATURES.indexOf(parts[0]);
      features.set(f, changed(features.get(f), parts[1]));
    }
    genes.get(gene).put(name, features);
    return this;
  }

  /**
   * Adds a reference allele that has more bases than the others near a feature's start; to be
   * called after all alleles of the gene are there.
   */
  public SyntheticWorld longerReference(String name, String feature, int bases) {
    String gene = name.substring(0, name.indexOf('*'));
    int f = FEATURES.indexOf(feature);
    Map<String, List<String>> all = new LinkedHashMap<>();
    List<String> reference = new ArrayList<>(roots.get(gene));
    reference.set(f, inserted(reference.get(f), randomBases(bases)));
    all.put(name, reference);
    genes
        .get(gene)
        .forEach(
            (allele, features) -> {
              features.set(f, inserted(features.get(f), ".".repeat(bases)));
              all.put(allele, features);
            });
    genes.put(gene, all);
    return this;
  }

  /**
   * Gives an allele more bases than the others have; to be called after all alleles of the gene are
   * there.
   *
   * @param at how many bases of the feature stand before them
   */
  public SyntheticWorld insertion(String name, String feature, int at, String bases) {
    String gene = name.substring(0, name.indexOf('*'));
    int f = FEATURES.indexOf(feature);
    String gap = ".".repeat(bases.length());
    genes
        .get(gene)
        .forEach(
            (allele, features) -> {
              String own = features.get(f);
              String more = allele.equals(name) ? bases : gap;
              features.set(f, own.substring(0, at) + more + own.substring(at));
            });
    return this;
  }

  /**
   * Gives all alleles of a gene a repeat, some of them more units than others; to be called after
   * all of them are there.
   *
   * @param at how many bases of the feature stand before it
   * @param units of some alleles; the rest has as many as the shortest of these
   * @param isGapFirst whether the columns that an allele has no base for come before its units
   */
  public SyntheticWorld repeat(
      String gene,
      String feature,
      int at,
      String unit,
      boolean isGapFirst,
      Map<String, Integer> units) {
    int f = FEATURES.indexOf(feature);
    int most = Collections.max(units.values());
    int least = Collections.min(units.values());
    genes
        .get(gene)
        .forEach(
            (allele, features) -> {
              int own = units.getOrDefault(allele, least);
              String gap = ".".repeat((most - own) * unit.length());
              String repeat = isGapFirst ? gap + unit.repeat(own) : unit.repeat(own) + gap;
              String before = features.get(f).substring(0, at);
              features.set(f, before + repeat + features.get(f).substring(at));
            });
    return this;
  }

  private static String inserted(String feature, String what) {
    return feature.substring(0, 10) + what + feature.substring(10);
  }

  private static String changed(String feature, String what) {
    if (what.equals("*")) {
      return "*".repeat(feature.length());
    }
    if (what.indexOf('-') > 0) {
      int from = Integer.parseInt(what.substring(0, what.indexOf('-')));
      int to = Integer.parseInt(what.substring(what.indexOf('-') + 1)) + 1;
      return feature.substring(0, from) + ".".repeat(to - from) + feature.substring(to);
    }
    StringBuilder text = new StringBuilder(feature);
    int place = what.equals("-") ? 80 : Integer.parseInt(what);
    text.setCharAt(place, what.equals("-") ? '.' : next(feature.charAt(place)));
    return text.toString();
  }

  /** The base after this one, in the order A C G T A. */
  static char next(char base) {
    return "CGTA".charAt("ACGT".indexOf(base));
  }

  /** Leaves of a gene its exons alone, as a release does that has no genomic alignment of it. */
  public SyntheticWorld exonsOnly(String gene) {
    genes
        .get(gene)
        .values()
        .forEach(
            features -> {
              for (int f = 0; f < features.size(); f++) {
                features.set(f, FEATURES.get(f).startsWith("exon") ? features.get(f) : "");
              }
            });
    return this;
  }

  /** Gives an allele a frequency category. */
  public SyntheticWorld common(String allele, String category) {
    ciwd.put(allele, category);
    return this;
  }

  /** The bases of an allele's amplicon, primers laid over its ends. */
  public String amplicon(String allele, int exon) {
    String gene = allele.substring(0, allele.indexOf('*'));
    List<String> features = genes.get(gene).get(allele);
    int f = exon == 1 ? 1 : 3;
    String before = flank(features.get(f - 1), LENGTHS[f - 1]);
    String after = flank(features.get(f + 1), LENGTHS[f + 1]);
    String whole =
        before.substring(before.length() - FLANK_BP + PRIMER_BP)
            + features.get(f)
            + after.substring(0, FLANK_BP - PRIMER_BP);
    return forwardPrimer(gene, exon)
        + whole.replace(".", "")
        + reverseComplement(reversePrimer(gene, exon));
  }

  /** A feature to be cut by its columns, or by its bases where some alleles have more columns. */
  private static String flank(String feature, int usualBp) {
    return feature.length() == usualBp ? feature : feature.replace(".", "");
  }

  /**
   * From base 60 of exon 1 to base 90 of exon 2: what an amplicon over the intron copies, primers
   * included.
   */
  public String bridge(String allele) {
    String whole = bases(allele, "exon1", "intron1", "exon2");
    return whole.substring(BRIDGE_FROM, LENGTHS[1] + LENGTHS[2] + BRIDGE_TO);
  }

  /** The bases of some of an allele's features, one after the other. */
  public String bases(String allele, String... features) {
    String gene = allele.substring(0, allele.indexOf('*'));
    StringBuilder text = new StringBuilder();
    for (String feature : features) {
      text.append(genes.get(gene).get(allele).get(FEATURES.indexOf(feature)).replace(".", ""));
    }
    return text.toString();
  }

  /** An exon of an allele with sixty bases of its neighbours on either side. */
  public String around(String allele, int exon) {
    int f = exon == 1 ? 1 : 3;
    String before = bases(allele, FEATURES.get(f - 1));
    String after = bases(allele, FEATURES.get(f + 1));
    return before.substring(before.length() - FLANK_BP)
        + bases(allele, FEATURES.get(f))
        + after.substring(0, FLANK_BP);
  }

  private String forwardPrimer(String gene, int exon) {
    String before = roots.get(gene).get(exon == 1 ? 0 : 2);
    int start = before.length() - FLANK_BP;
    return before.substring(start, start + PRIMER_BP);
  }

  private String reversePrimer(String gene, int exon) {
    String after = roots.get(gene).get(exon == 1 ? 2 : 4);
    return reverseComplement(after.substring(FLANK_BP - PRIMER_BP, FLANK_BP));
  }

  /** Writes the library and answers its folder. */
  public Path writeLibrary(Path folder) throws IOException {
    Files.createDirectories(folder);
    Map<String, String> hashes = new TreeMap<>();
    StringBuilder loci = new StringBuilder();
    for (Map.Entry<String, Map<String, List<String>>> gene : genes.entrySet()) {
      writeGene(folder, gene.getKey(), gene.getValue(), hashes);
      loci.append(loci.length() == 0 ? "" : ",")
          .append(
              "\"%s\":{\"reference_allele\":\"%s\"}"
                  .formatted(gene.getKey(), gene.getValue().keySet().iterator().next()));
    }
    StringBuilder lines = new StringBuilder();
    StringBuilder files = new StringBuilder();
    hashes.forEach(
        (name, hash) -> {
          lines.append(hash).append("  ").append(name).append('\n');
          files
              .append(files.length() == 0 ? "" : ",")
              .append("\"%s\":\"%s\"".formatted(name, hash));
        });
    String sha = LibraryManifest.sha256(lines.toString().getBytes(StandardCharsets.UTF_8));
    Files.writeString(
        folder.resolve("library.json"),
        "{\"format\":1,\"release\":\"0.0.1\",\"loci\":{%s},\"files\":{%s},\"sha256\":\"%s\"}"
            .formatted(loci, files, sha));
    return folder;
  }

  private void writeGene(
      Path folder, String gene, Map<String, List<String>> alleles, Map<String, String> hashes)
      throws IOException {
    List<Map<String, Integer>> rows = new ArrayList<>();
    FEATURES.forEach(f -> rows.add(new LinkedHashMap<>()));
    StringBuilder table =
        new StringBuilder("allele\tg_group\tp_group\tciwd\t" + String.join("\t", FEATURES) + "\n");
    alleles.forEach(
        (name, features) -> {
          table.append(name).append("\t\t\t").append(ciwd.getOrDefault(name, ""));
          for (int f = 0; f < rows.size(); f++) {
            Map<String, Integer> known = rows.get(f);
            known.putIfAbsent(features.get(f), known.size());
            table.append('\t').append(known.get(features.get(f)));
          }
          table.append('\n');
        });
    StringBuilder sequences = new StringBuilder("feature\tindex\tsequence\n");
    for (int f = 0; f < rows.size(); f++) {
      String feature = FEATURES.get(f);
      rows.get(f).forEach((row, i) -> sequences.append("%s\t%d\t%s%n".formatted(feature, i, row)));
    }
    write(folder, gene + ".alleles.tsv", table.toString(), hashes);
    write(folder, gene + ".sequences.tsv", sequences.toString().replace("\r", ""), hashes);
  }

  private static void write(Path folder, String name, String text, Map<String, String> hashes)
      throws IOException {
    Files.writeString(folder.resolve(name), text);
    hashes.put(name, LibraryManifest.sha256(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Writes a panel of both amplicons of some genes. */
  public Path writePanel(Path file, String... panelGenes) throws IOException {
    StringBuilder text =
        new StringBuilder(
            "# primer_mask_version: synthetic-1\nlocus\tamplicon\tstart_feature\tstart_offset"
                + "\tend_feature\tend_offset\tforward_primer\treverse_primer\n");
    for (String gene : panelGenes) {
      for (int exon = 1; exon <= 2; exon++) {
        text.append(
            "%s\tExon %d\t%s\t-%d\tintron%d\t%d\t%s\t%s%n"
                .formatted(
                    gene,
                    exon,
                    exon == 1 ? "5UTR" : "intron1",
                    FLANK_BP,
                    exon,
                    FLANK_BP,
                    forwardPrimer(gene, exon),
                    reversePrimer(gene, exon)));
      }
    }
    Files.writeString(file, text.toString());
    return file;
  }

  /** Adds to a panel the amplicon over a gene's intron. */
  public void addBridge(Path panel, String gene) throws IOException {
    String whole = bridge(genes.get(gene).keySet().iterator().next());
    String row =
        "%s\tBridge\texon1\t%d\texon2\t%d\t%s\t%s\n"
            .formatted(
                gene,
                BRIDGE_FROM,
                BRIDGE_TO,
                whole.substring(0, PRIMER_BP),
                reverseComplement(whole).substring(0, PRIMER_BP));
    Files.writeString(panel, Files.readString(panel) + row);
  }

  /** The primers of an amplicon and nothing, or little, between them. */
  public String dimer(String gene, int exon, String between) {
    return forwardPrimer(gene, exon) + between + reverseComplement(reversePrimer(gene, exon));
  }

  /** Bases that no gene has, of a seed. */
  public static String strange(long seed, int length) {
    return new SyntheticWorld(seed).randomBases(length);
  }

  private String randomBases(int length) {
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append("ACGT".charAt(random.nextInt(4)));
    }
    return text.toString();
  }

  /** The other strand, in its own direction. */
  public static String reverseComplement(String bases) {
    StringBuilder text = new StringBuilder(bases.length());
    for (int i = bases.length() - 1; i >= 0; i--) {
      text.append("TGCAN".charAt("ACGTN".indexOf(bases.charAt(i))));
    }
    return text.toString();
  }
}
