package org.gems.typer.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.gems.typer.calls.GenotypeList;
import org.gems.typer.calls.HlaClass;
import org.gems.typer.calls.LocusCall;
import org.gems.typer.flags.Flag;
import org.gems.typer.reads.ReadCounts;

/**
 * Lays out {@code typing.json}. Numbers are rounded to three decimals, so equal input gives equal
 * bytes.
 */
public final class TypingJson {
  private static final int SCHEMA_VERSION = 1;
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private TypingJson() {}

  /**
   * The document of one sample.
   *
   * @param flags of the sample as a whole
   */
  public static ObjectNode document(
      String sample,
      HlaClass hlaClass,
      Versions versions,
      ReadCounts<?> reads,
      List<Flag> flags,
      List<LocusCall> calls) {
    ObjectNode root = JSON.objectNode();
    root.put("schema_version", SCHEMA_VERSION);
    root.put("sample", sample);
    root.put("hla_class", hlaClass.word());
    root.set("versions", versions(versions));
    root.set("reads", reads(reads));
    ArrayNode ofSample = root.putArray("flags");
    flags.forEach(flag -> ofSample.add(flag(flag)));
    ArrayNode loci = root.putArray("loci");
    calls.forEach(call -> loci.add(locus(call)));
    return root;
  }

  /** Puts flags in the place of those of the same code that a locus of a document has. */
  static void replaceFlags(ObjectNode document, String locus, List<Flag> flags) {
    for (JsonNode node : document.withArray("loci")) {
      if (node.path("locus").asText().equals(locus)) {
        ArrayNode kept = JSON.arrayNode();
        node.withArray("flags").forEach(old -> keepUnlessReplaced(old, flags, kept));
        flags.forEach(flag -> kept.add(flag(flag)));
        ((ObjectNode) node).set("flags", kept);
      }
    }
  }

  private static void keepUnlessReplaced(JsonNode old, List<Flag> flags, ArrayNode kept) {
    String code = old.path("code").asText();
    if (flags.stream().noneMatch(flag -> flag.code().word().equals(code))) {
      kept.add(old);
    }
  }

  private static ObjectNode versions(Versions versions) {
    return JSON.objectNode()
        .put("typer", versions.typer())
        .put("typer_commit", versions.typerCommit())
        .put("jar_sha256", versions.jarSha256())
        .put("reference_release", versions.referenceRelease())
        .put("reference_sha256", versions.referenceSha256())
        .put("panel_sha256", versions.panelSha256())
        .put("primer_mask_version", versions.primerMaskVersion())
        .put("ruleset", versions.ruleset());
  }

  private static ObjectNode reads(ReadCounts<?> reads) {
    ObjectNode node = JSON.objectNode().put("pairs", reads.pairs());
    ArrayNode filters = node.putArray("filters");
    for (ReadCounts.Loss loss : reads.losses()) {
      filters
          .addObject()
          .put("name", loss.filter())
          .put("pairs", loss.pairs())
          .put("meaning", loss.meaning());
    }
    node.put("used_pairs", reads.usedPairs());
    ArrayNode runs = node.putArray("sequencer_runs");
    reads.runs().forEach(runs::add);
    return node;
  }

  private static ObjectNode locus(LocusCall call) {
    ObjectNode node =
        JSON.objectNode()
            .put("locus", call.locus())
            .put("state", call.state().name().toLowerCase(Locale.ROOT));
    ArrayNode flags = node.putArray("flags");
    call.flags().forEach(flag -> flags.add(flag(flag)));
    ArrayNode alleles = node.putArray("alleles");
    call.alleles().forEach(allele -> alleles.add(allele(allele)));
    ArrayNode candidates = node.putArray("candidates");
    call.candidates().forEach(candidate -> candidates.add(candidate(candidate)));
    node.set("candidate_pairs", candidatePairs(call.counts()));
    ArrayNode coverage = node.putArray("coverage");
    call.coverage().forEach(row -> coverage.add(coverage(row)));
    if (!call.copies().isEmpty()) {
      ObjectNode copies = node.putObject("gene_copies");
      new TreeMap<>(call.copies()).forEach(copies::put);
    }
    return DrawingJson.drawing(genotypes(node, call.genotypes()), call.drawing());
  }

  private static ObjectNode genotypes(ObjectNode node, GenotypeList genotypes) {
    node.put("gl_string", genotypes.glString())
        .put("genotypes_listed", genotypes.listed())
        .put("genotypes_cut", genotypes.isCut());
    ArrayNode deciding = node.putArray("deciding_positions");
    for (GenotypeList.Deciding place : genotypes.deciding()) {
      deciding
          .addObject()
          .put("gene", place.gene())
          .put("feature", place.feature())
          .put("column", place.column())
          .put("position", place.position())
          .put("first", place.first())
          .put("second", place.second());
    }
    return node;
  }

  private static ObjectNode flag(Flag flag) {
    ObjectNode node =
        JSON.objectNode().put("code", flag.code().word()).put("message", flag.message());
    ObjectNode evidence = node.putObject("evidence");
    for (Map.Entry<String, Object> entry : new TreeMap<>(flag.evidence()).entrySet()) {
      if (entry.getValue() instanceof Double number) {
        evidence.put(entry.getKey(), rounded(number));
      } else if (entry.getValue() instanceof Number number) {
        evidence.put(entry.getKey(), number.longValue());
      } else {
        evidence.put(entry.getKey(), entry.getValue().toString());
      }
    }
    return node;
  }

  private static ObjectNode allele(LocusCall.AlleleCall allele) {
    ObjectNode node = JSON.objectNode().put("name", allele.name());
    ArrayNode ambiguities = node.putArray("ambiguities");
    allele.ambiguities().forEach(ambiguities::add);
    return node.put("g_group", allele.gGroup())
        .put("p_group", allele.pGroup())
        .put("ciwd", allele.ciwd())
        .put("documentation", allele.documentation())
        .put("pairs", rounded(allele.pairs()))
        .put("share", rounded(allele.share()));
  }

  private static ObjectNode candidate(LocusCall.Candidate candidate) {
    ObjectNode node = JSON.objectNode().put("rank", candidate.rank());
    ArrayNode alleles = node.putArray("alleles");
    candidate.alleles().forEach(alleles::add);
    return node.put("log_likelihood", rounded(candidate.logLikelihood()))
        .put("mismatches", candidate.mismatches())
        .put("unknown_bp", candidate.unknownBp());
  }

  /**
   * A table: the places that any row has, and by row the pairs in them, null where none are told.
   */
  private static ObjectNode candidatePairs(List<LocusCall.CandidateCount> counts) {
    ObjectNode node = JSON.objectNode();
    Set<String> places = new LinkedHashSet<>();
    counts.forEach(row -> row.pairs().forEach(cell -> places.add(cell.place())));
    ArrayNode named = node.putArray("places");
    places.forEach(named::add);
    ArrayNode rows = node.putArray("rows");
    for (LocusCall.CandidateCount count : counts) {
      ObjectNode row =
          rows.addObject().put("allele", count.allele()).put("called", count.isCalled());
      ArrayNode cells = row.putArray("pairs");
      for (String place : places) {
        OptionalInt pairs =
            count.pairs().stream()
                .filter(cell -> cell.place().equals(place))
                .findFirst()
                .map(LocusCall.CandidateCount.Pairs::pairs)
                .orElse(OptionalInt.empty());
        cells.add(pairs.isPresent() ? JSON.numberNode(pairs.getAsInt()) : JSON.nullNode());
      }
    }
    return node;
  }

  private static ObjectNode coverage(LocusCall.Coverage row) {
    ObjectNode node = JSON.objectNode();
    node.put("amplicon", row.amplicon())
        .put("allele", row.allele())
        .put("pairs", rounded(row.pairs()))
        .put("known_bp", row.knownBp())
        .put("unknown_bp", row.unknownBp())
        .put("mean_depth", rounded(row.meanDepth()))
        .put("minimum_depth", rounded(row.minimumDepth()));
    return DrawingJson.track(node, row.track());
  }

  /** Three decimals; adding 0.0 turns a negative zero into a plain one. */
  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0 + 0.0;
  }
}
