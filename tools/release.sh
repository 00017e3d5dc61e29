#!/usr/bin/env bash
# Make the files of a release in dist/release-VERSION, and say how to tag and push it. Changes nothing else.
# What must be so before: the tests of this commit are green (.ci/run), CHANGELOG.md has a dated section of the version, and
# there is no such tag. RELEASE_ANYWAY=yes makes the files all the same, to look at them.
set -euo pipefail
cd "$(dirname "$0")/.."

version="$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' gems_core/__init__.py)"
problems=()
[[ -z "$(git status --porcelain)" ]] || problems+=("expected a clean clone, found changes; commit them")
grep -Eq "^## ${version//./\\.} \\(?[0-9]{4}-[0-9]{2}-[0-9]{2}" CHANGELOG.md ||
  problems+=("expected a section '## ${version} YYYY-MM-DD' in CHANGELOG.md, found none; date it")
[[ -z "$(git tag --list "v${version}")" ]] || problems+=("expected no tag v${version}, found one; raise gems_core/__init__.py")
if ((${#problems[@]})); then
  printf 'release %s: %s\n' "${version}" "${problems[@]}" >&2
  [[ "${RELEASE_ANYWAY:-no}" == yes ]] || exit 1
fi

make --no-print-directory wheel >/dev/null
folder="dist/release-${version}"
.venv/bin/python -m gems_artefacts.release_files "dist/gems_hla-${version}-py3-none-any.whl" \
  hla-typer/target/hla-typer.jar "${folder}"
cat <<NEXT
Next:
  .ci/run                                     # green for this commit?
  git tag --annotate v${version} --message "GeMS ${version}"
  git push origin main v${version}
  then attach the files of ${folder} to the release of that tag
NEXT
