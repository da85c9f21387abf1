#!/usr/bin/env bash
# The same commit with git's own plumbing: no work tree, no blob but the list's; a push that is rejected starts over.
#
# The environment says which repository (`APPS_URL`), pull request (`NUMBER`) and commit (`HEAD_COMMIT`), where the three files of a
# preview are, with `@NUMBER@` and `@COMMIT@` in them (`TEMPLATES`), and how many attempts there are (`ATTEMPTS`).
set -euo pipefail
: "${APPS_URL:?}" "${NUMBER:?}" "${HEAD_COMMIT:?}" "${TEMPLATES:?}" "${ATTEMPTS:?}"

list=overlays/ephemeral/kustomization.yaml
directory=overlays/ephemeral/pr-$NUMBER
export GIT_DIR=$PWD/apps.git
export GIT_INDEX_FILE=$PWD/index

git init --quiet --bare "$GIT_DIR"
git config remote.origin.url "$APPS_URL"
git config remote.origin.promisor true
git config remote.origin.partialCloneFilter blob:none

# Reads a blob, and says what the index is to know of it.
entry() {
	local blob
	blob=$(git hash-object -w --stdin)
	printf '100644 %s\t%s\n' "$blob" "$1"
}

for file in kustomization.yaml namespace.yaml patch-helmrelease-values.yaml; do
	sed "s/@NUMBER@/$NUMBER/g; s/@COMMIT@/$HEAD_COMMIT/g" "$TEMPLATES/$file" | entry "$directory/$file"
done >entries

for ((attempt = 1; attempt <= ATTEMPTS; attempt++)); do
	git fetch --quiet --depth 1 --filter=blob:none --no-tags origin main
	tip=$(git rev-parse FETCH_HEAD)
	git read-tree "$tip"
	# The one blob that is fetched.
	git cat-file blob "$tip:$list" >text
	echo "  - pr-$NUMBER" >>text
	entry "$list" <text | cat entries - | git update-index --index-info
	tree=$(git write-tree --missing-ok)
	commit=$(git commit-tree "$tree" -p "$tip" -m "Put up pr-$NUMBER")
	if git push --quiet origin "$commit:refs/heads/main"; then
		exit 0
	fi
	# Up to half a second, so that those who lost together do not come back together.
	sleep "0.$((RANDOM % 400 + 100))"
done
exit 1
