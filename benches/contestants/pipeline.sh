#!/usr/bin/env bash
# The usual pipeline: clone, write, commit, push; where the push is rejected, rebase and push again, three times in all.
#
# The environment says which repository (`APPS_URL`), pull request (`NUMBER`) and commit (`HEAD_COMMIT`), and where the three files
# of a preview are, with `@NUMBER@` and `@COMMIT@` in them (`TEMPLATES`).
set -euo pipefail
: "${APPS_URL:?}" "${NUMBER:?}" "${HEAD_COMMIT:?}" "${TEMPLATES:?}"

git clone --quiet --depth 1 "$APPS_URL" apps
cd apps

directory=overlays/ephemeral/pr-$NUMBER
mkdir -p "$directory"
for file in kustomization.yaml namespace.yaml patch-helmrelease-values.yaml; do
	sed "s/@NUMBER@/$NUMBER/g; s/@COMMIT@/$HEAD_COMMIT/g" "$TEMPLATES/$file" >"$directory/$file"
done
echo "  - pr-$NUMBER" >>overlays/ephemeral/kustomization.yaml

git add overlays/ephemeral
git commit --quiet --message "Put up pr-$NUMBER"

for attempt in 1 2 3; do
	if git push --quiet origin HEAD:main; then
		exit 0
	fi
	if ((attempt < 3)); then
		# Ends the script where both have added a line at the end of the list.
		git pull --quiet --rebase origin main
	fi
done
exit 1
