package org.gems.typer.linkage;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.gems.typer.calls.LocusCall;
import org.gems.typer.calls.LocusCall.AlleleCall;
import org.gems.typer.calls.LocusCall.State;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.ruleset.Ruleset;

/**
 * Holds DRB3, DRB4, DRB5 and DQB1 against DRB1: flags what is unusual, and never changes a call.
 */
public final class LinkageRules {
  private final LinkageTable table = LinkageTable.builtIn();
  private final CopyCounter counter;

  /** Rules with a ruleset's tolerance for copies. */
  public LinkageRules(Ruleset ruleset) {
    counter = new CopyCounter(ruleset);
  }

  /**
   * A sample's calls with what their linkage says.
   *
   * @param amount how much of a gene is there, in proportion to its copies
   */
  public List<LocusCall> checked(List<LocusCall> calls, ToDoubleFunction<String> amount) {
    List<String> drb1 = copies(calls, "DRB1");
    if (drb1.isEmpty()) {
      return calls;
    }
    return calls.stream()
        .map(
            call ->
                switch (call.locus()) {
                  case "DRB345" -> besideDrb1(call, drb1, amount);
                  case "DQB1" -> call.with(dqb1(copies(calls, "DQB1"), drb1).stream().toList());
                  default -> call;
                })
        .toList();
  }

  /** Both alleles of a locus, one that stands alone twice; none where it is not called. */
  private static List<String> copies(List<LocusCall> calls, String locus) {
    List<String> names =
        calls.stream()
            .filter(call -> call.locus().equals(locus))
            .flatMap(call -> call.alleles().stream().map(AlleleCall::name))
            .toList();
    return names.size() == 1 ? List.of(names.get(0), names.get(0)) : names;
  }

  private LocusCall besideDrb1(LocusCall call, List<String> drb1, ToDoubleFunction<String> amount) {
    List<Optional<String>> known = drb1.stream().map(table::gene).toList();
    boolean isCalled = !call.alleles().isEmpty() || call.state() == State.NO_DRB345;
    if (!isCalled || known.stream().anyMatch(Optional::isEmpty)) {
      return call;
    }
    List<String> expected = known.stream().map(Optional::get).filter(g -> !g.isEmpty()).toList();
    List<String> found =
        call.alleles().stream().map(a -> a.name().substring(0, a.name().indexOf('*'))).toList();
    if (isUsual(expected, found)) {
      return counter.counted(call, expected, found, amount);
    }
    return counter
        .counted(call, expected, found, amount)
        .with(List.of(unusual(drb1, expected, found)));
  }

  /** Every gene that DRB1 asks for and no other, and no gene with more alleles than copies. */
  private static boolean isUsual(List<String> expected, List<String> found) {
    return Stream.concat(expected.stream(), found.stream())
        .distinct()
        .allMatch(gene -> count(found, gene) > 0 && count(expected, gene) >= count(found, gene));
  }

  static int count(List<String> genes, String gene) {
    return (int) genes.stream().filter(gene::equals).count();
  }

  private static Flag unusual(List<String> drb1, List<String> expected, List<String> found) {
    return flag(
        "Beside %s one expects %s".formatted(names(drb1), names(expected)),
        Map.of("drb1", names(drb1), "expected", names(expected), "found", names(found)));
  }

  private static Flag flag(String expectation, Map<String, Object> evidence) {
    return new Flag(
        FlagCode.LINKAGE_UNUSUAL, expectation + ", and finds " + evidence.get("found"), evidence);
  }

  private static String names(List<String> names) {
    return names.isEmpty() ? "none" : String.join(", ", names);
  }

  /** Whether in some order each DQB1 allele usually stands beside a DRB1 allele. */
  private Optional<Flag> dqb1(List<String> dqb1, List<String> drb1) {
    if (dqb1.isEmpty() || isUsual(drb1, dqb1, 0) || isUsual(drb1, dqb1, 1)) {
      return Optional.empty();
    }
    Map<String, Object> evidence = new TreeMap<>();
    evidence.put("drb1", names(drb1));
    evidence.put(
        "expected",
        "DQB1 families " + String.join("; ", drb1.stream().distinct().map(table::usual).toList()));
    evidence.put("found", names(dqb1.stream().distinct().toList()));
    return Optional.of(
        flag(
            "Beside %s one expects %s".formatted(names(drb1), evidence.get("expected")), evidence));
  }

  private boolean isUsual(List<String> drb1, List<String> dqb1, int turn) {
    return table.isUsual(drb1.get(0), dqb1.get(turn))
        && table.isUsual(drb1.get(1), dqb1.get(1 - turn));
  }
}
