package org.gems.typer.flags;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The list of flags, which those who read results go by. */
final class FlagCodeTest {
  /** Flags that a caller of the typer may wait for; one that goes or changes breaks them. */
  private static final List<String> WORDS =
      List.of(
          "low_depth",
          "amplicon_without_reads",
          "amplicon_not_in_library",
          "uncovered_exon",
          "short_reads",
          "stray_pairs",
          "pseudogene_reads",
          "chimera_suspected",
          "chimera_equals_allele",
          "third_allele_suspected",
          "unexplained_sequence",
          "possible_new_allele",
          "allele_imbalance",
          "doubtful_second_allele",
          "minor_allele_suspected",
          "dropout_suspected",
          "partly_unknown_allele",
          "ambiguous_protein",
          "null_not_excluded",
          "other_pair_as_likely",
          "phase_contradicted",
          "linkage_unusual",
          "copy_number_uncertain",
          "weak_gene",
          "gene_not_typed",
          "more_than_two_genes",
          "no_reads",
          "too_few_reads",
          "defining_exon_without_reads",
          "relatives_not_in_library",
          "no_drb345",
          "not_in_library",
          "not_in_panel",
          "most_pairs_lost",
          "several_people_suspected");

  @Test
  void theWordsAreThese() {
    List<String> words = Stream.of(FlagCode.values()).map(FlagCode::word).toList();
    assertTrue(words.containsAll(WORDS), words.toString());
    assertEquals(words.size(), new HashSet<>(words).size());
  }

  @ParameterizedTest
  @EnumSource
  void everyFlagIsAWordInLowerCaseAndSaysWhatItMeans(FlagCode code) {
    assertTrue(code.word().matches("[a-z][a-z0-9]*(_[a-z0-9]+)*"), code.word());
    assertFalse(code.meaning().isBlank());
  }

  @ParameterizedTest
  @EnumSource
  void evidenceIsNamedInLowerCaseAndEachNameOnce(FlagCode code) {
    Stream.concat(code.always().stream(), code.sometimes().stream())
        .forEach(name -> assertTrue(name.matches("[a-z][a-z0-9_]*"), code + " " + name));
    assertTrue(Collections.disjoint(code.always(), code.sometimes()), code.word());
  }

  @ParameterizedTest
  @EnumSource
  void evidenceIsAdmittedWithAllThatItMustHaveAndNothingUnheardOf(FlagCode code) {
    Set<String> most = new HashSet<>(code.always());
    most.addAll(code.sometimes());
    assertTrue(code.admits(code.always()));
    assertTrue(code.admits(most));
    for (String name : code.always()) {
      Set<String> less = new HashSet<>(most);
      less.remove(name);
      assertFalse(code.admits(less), code + " without " + name);
    }
    most.add("unheard_of");
    assertFalse(code.admits(most));
  }

  @Test
  void aFlagOfOtherEvidenceThanItsCodePromisesIsAFault() {
    assertEquals(Map.of("pairs", 0), Flag.of(FlagCode.NO_READS, "None", "pairs", 0).evidence());
    assertThrows(AssertionError.class, () -> Flag.of(FlagCode.NO_READS, "None"));
    assertThrows(
        AssertionError.class, () -> Flag.of(FlagCode.NO_READS, "None", "pairs", 0, "reads", 0));
  }
}
