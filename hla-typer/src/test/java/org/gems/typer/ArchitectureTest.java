package org.gems.typer;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.LocationProvider;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Which package may know which, and what only some of them do. */
@AnalyzeClasses(locations = ArchitectureTest.Shipped.class)
final class ArchitectureTest {
  private static final String SHARED = "org.gems.typer";

  /** From the top down: a package may know those of lower floors, and none beside it. */
  private static final List<List<String>> FLOORS =
      List.of(
          List.of("cli"),
          List.of("check", "linkage", "output", "residue"),
          List.of("evidence", "shotgun"),
          List.of("calls"),
          List.of("genotype"),
          List.of("haplotype", "reads"),
          List.of("panel"),
          List.of("flags", "index", "library", "ruleset"));

  private static final String FILES =
      "java\\.(io\\.(File|RandomAccess)\\w*|nio\\.file\\.Files|nio\\.channels\\.FileChannel)";

  /** The classes of the jar, wherever they are built: tests and benchmarks lie elsewhere. */
  static final class Shipped implements LocationProvider {
    @Override
    public Set<Location> get(Class<?> test) {
      return Set.of(Location.of(Json.class.getProtectionDomain().getCodeSource().getLocation()));
    }
  }

  @ArchTest static final ArchRule packagesLieOnFloors = floors();

  @ArchTest
  static final ArchRule packagesAreFreeOfCycles =
      slices().matching("org.gems.typer.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule whatNeedsNoPanelKnowsNone =
      noClasses()
          .that()
          .resideInAnyPackage(in("linkage", "output", "shotgun", "calls", "genotype", "reads"))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(in("panel", "haplotype"))
          .because("one back end types reads placed in either way (docs/adr/0014)");

  @ArchTest
  static final ArchRule onlyTheCommandLinePrintsAndExits =
      noClasses()
          .that()
          .resideOutsideOfPackages(in("cli"))
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err")
          .orShould()
          .callMethodWhere(target(nameMatching("printStackTrace|exit|halt")));

  @ArchTest
  static final ArchRule onlyReadersAndWritersTouchFiles =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              in("cli", "output", "reads", "panel", "index", "library", "ruleset"))
          .should()
          .dependOnClassesThat()
          .haveNameMatching(FILES);

  private static ArchRule floors() {
    LayeredArchitecture rule =
        layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer(SHARED)
            .definedBy(SHARED)
            .whereLayer(SHARED)
            .mayNotAccessAnyLayer();
    List<String> lower = new ArrayList<>(List.of(SHARED));
    for (int floor = FLOORS.size() - 1; floor >= 0; floor--) {
      for (String name : FLOORS.get(floor)) {
        rule =
            rule.layer(name)
                .definedBy(in(name))
                .whereLayer(name)
                .mayOnlyAccessLayers(lower.toArray(String[]::new));
      }
      lower.addAll(FLOORS.get(floor));
    }
    return rule.ensureAllClassesAreContainedInArchitecture();
  }

  private static String[] in(String... packages) {
    return List.of(packages).stream()
        .map(name -> "org.gems.typer." + name + "..")
        .toArray(String[]::new);
  }
}
