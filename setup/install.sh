#!/usr/bin/env bash
# Hands a bivouac to the steps that follow, as the outputs `path` and `version`. Every action runs this first.
#
# The program is the one that the input `binary` names, or is built from the action's own source, or is the one that the
# file RELEASE names: out of the tool cache, or downloaded, and then only with the hashes that are recorded there.
#
# Written for bash 3.2, which macOS has. A program that is in the cache costs one process: the one that hashes it.

# shellcheck disable=SC2016 # Backticks in messages are quotation marks.

set -euo pipefail
LC_ALL=C # a-f means ASCII

own='set `build-from-source: true` (in copied workflows: the variable BIVOUAC_BUILD_FROM_SOURCE),'
readonly own="$own or name a program of yours with \`binary\`"
readonly remedy="use the commit of a release, or $own"
tree=.
[[ ${BASH_SOURCE[0]} != */* ]] || tree=${BASH_SOURCE[0]%/*}
readonly tree="$tree/.."

work='' # the temporary folder, once there is one
told='' # whether the reader knows why this failed
binary='' build='' mirror=''
version='' address='' archive_hash='' program_hash=''
target='' arch=''
program='' origin=''

# An address that is encrypted, or stays on this machine: without credentials, query or fragment.
is_address='^(https://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+])|http://(127\.0\.0\.1|localhost|\[::1]))'
is_address=$is_address'(:[0-9]+)?(/[A-Za-z0-9._~%!$&*+,;=:@/-]*)?$'
is_hash='^[0-9a-f]{64}$'

main() {
    read_inputs
    if [[ -n $binary ]]; then
        use_binary
    elif [[ $build == true ]]; then
        build_from_source
    else
        use_release
    fi
    hand_over
    exit # and do not read on in the file, which may be another one after a long build
}

read_inputs() {
    trim binary "${BIVOUAC_SETUP_BINARY-}"
    trim build "${BIVOUAC_SETUP_BUILD_FROM_SOURCE-}"
    trim mirror "${BIVOUAC_SETUP_MIRROR-}"
    [[ -n ${GITHUB_OUTPUT-} ]] || fail 'GITHUB_OUTPUT is not set: run this as a step of a workflow'
    [[ $binary != *[[:cntrl:]]* ]] || fail 'the input `binary` has a control character in it: name one file'
    case $build in
        true | 1) build=true ;;
        '' | false | 0) build=false ;;
        *) fail "the input \`build-from-source\` is \`$build\`: say \`true\` or \`false\`" ;;
    esac
    [[ -z $binary || $build == false ]] || fail 'both `binary` and `build-from-source` are given: give one of them'
    # It is not repeated: there may be a password in it.
    [[ -z $mirror || $mirror =~ $is_address ]] ||
        fail 'the input `mirror` is not an address that is used here: say `https://host/folder`, without credentials,' \
            'query or fragment; plain http is for 127.0.0.1, localhost and [::1]'
}

# Sets a variable to a text without the blanks around it: an action sets an input that nobody gave to nothing.
trim() {
    local text=$2
    text=${text#"${text%%[![:space:]]*}"}
    printf -v "$1" '%s' "${text%"${text##*[![:space:]]}"}"
}

use_binary() {
    case $binary in
        /* | [A-Za-z]:[\\/]*) program=$binary ;;
        *) program=${GITHUB_WORKSPACE:-$PWD}/$binary ;;
    esac
    local called="\`$program\`, which the input \`binary\` names,"
    [[ -e $program ]] || fail "$called is not there: have a step before this one put it there"
    [[ -f $program ]] || fail "$called is not a file: name the program itself"
    [[ -x $program ]] || fail "$called is not executable: \`chmod +x\` it"
    ask_version "$program"
    origin='from the input `binary`'
}

# Takes `version` from what a program says of itself. Nothing else of what it says is shown.
ask_version() {
    local answer is_bivouac='^bivouac ([0-9][0-9A-Za-z.+-]*)$'
    answer=$("$1" --version 2>/dev/null </dev/null) || answer=''
    [[ $answer =~ $is_bivouac ]] ||
        fail "\`$1\` does not answer \`--version\` as bivouac does: it is another program, or not one for this machine"
    version=${BASH_REMATCH[1]}
}

build_from_source() {
    local target_dir=${RUNNER_TEMP-}/bivouac-build
    [[ -n ${RUNNER_TEMP-} ]] || fail 'RUNNER_TEMP is not set: there is no place to build in'
    command -v cargo >/dev/null ||
        fail 'there is no `cargo` on PATH, and `build-from-source` needs it: have a step before this one install Rust'
    # From within the tree, so that its rust-toolchain.toml holds and not one of the workspace.
    (
        unset CARGO_BUILD_TARGET # would move the program to a folder of another name
        CDPATH='' cd -- "$tree" &&
            cargo build --release --locked --manifest-path "$PWD/Cargo.toml" --target-dir "$target_dir"
    ) || fail 'cargo could not build bivouac: its own words are above'
    program=$target_dir/release/bivouac
    ask_version "$program"
    origin='built from source'
}

use_release() {
    find_target
    read_release
    [[ -z $mirror ]] || address=$mirror
    look_into_caches
    [[ -n $program ]] || install_release
}

find_target() {
    local system=${RUNNER_OS:-} machine=${RUNNER_ARCH:-}
    [[ -n $system ]] || system=$(uname -s) || fail 'neither RUNNER_OS nor `uname -s` says what system this is'
    [[ -n $machine ]] || machine=$(uname -m) || fail 'neither RUNNER_ARCH nor `uname -m` says what machine this is'
    case $machine in
        X64 | x86_64 | amd64) arch=x64 target=x86_64 ;;
        ARM64 | aarch64 | arm64) arch=arm64 target=aarch64 ;;
        *) fail "there is no program for \`$machine\`: use a runner on X64 or ARM64, or $own" ;;
    esac
    case $system in
        Linux) target+=-unknown-linux-musl ;;
        macOS | Darwin) target+=-apple-darwin ;;
        Windows | MINGW* | MSYS* | CYGWIN*)
            fail 'there is no program for Windows: use a runner on Linux or macOS'
            ;;
        *) fail "there is no program for \`$system\`: use a runner on Linux or macOS, or $own" ;;
    esac
}

# Reads all of RELEASE, because a file that is wrong in one line is not to be trusted in another.
read_release() {
    local name first second rest number=0 seen=' '
    [[ -f $tree/RELEASE && -r $tree/RELEASE ]] || no_program ', for it has no file RELEASE'
    while read -r name first second rest || [[ -n $name ]]; do
        number=$((number + 1))
        [[ -n $name && $name != '#'* ]] || continue
        [[ $seen != *" $name "* ]] || malformed "$number"
        seen+="$name "
        read_line "$number" "$name" "$first" "$second" "$rest"
    done <"$tree/RELEASE"
    [[ -n $version && -n $address ]] || no_program ', for RELEASE lacks its version or its address'
    [[ -n $program_hash ]] || no_program ''
}

read_line() {
    local is_version='^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$'
    case $2 in
        version)
            [[ $3 =~ $is_version && -z $4 ]] || malformed "$1"
            version=$3
            ;;
        address)
            [[ $3 =~ $is_address && -z $4 ]] || malformed "$1"
            address=$3
            ;;
        x86_64-unknown-linux-musl | aarch64-unknown-linux-musl | x86_64-apple-darwin | aarch64-apple-darwin)
            [[ $3 =~ $is_hash && $4 =~ $is_hash && -z $5 ]] || malformed "$1"
            [[ $2 != "$target" ]] || archive_hash=$3 program_hash=$4
            ;;
        *) malformed "$1" ;;
    esac
}

malformed() {
    no_program ", for line $1 of RELEASE is malformed or doubled"
}

no_program() {
    fail "this commit names no program for $target$1: $remedy"
}

# Finds the program where an earlier run put it. What lies there is used only when it is the recorded one.
look_into_caches() {
    local root file hash
    for root in "${RUNNER_TOOL_CACHE-}" "${RUNNER_TEMP-}"; do
        file=$root/bivouac/$version/$arch/bivouac
        [[ $root == /* && (-e $file || -L $file) ]] || continue
        hash='-'
        [[ ! -f $file || ! -r $file || ! -x $file ]] || take_hash "$file"
        if [[ $hash == "$program_hash" ]]; then
            program=$file
            origin='from the tool cache'
            [[ $root == "${RUNNER_TOOL_CACHE-}" ]] || origin="from the job's temporary folder"
            return
        fi
        annotate warning "\`$file\` is not the program that RELEASE names: it is not used, and installed anew"
    done
}

# Sets the caller's `hash` to a file's SHA-256: of standard input, because a name can change the form of the answer.
# `openssl` comes first, because it uses what the processor has for this, and takes a third of the time.
take_hash() {
    local tool
    for tool in 'openssl dgst -sha256 -r' 'sha256sum' 'shasum -a 256'; do
        command -v "${tool%% *}" >/dev/null || continue
        # shellcheck disable=SC2086 # The words of the command are split on purpose.
        hash=$($tool <"$1" 2>/dev/null) || continue
        hash=${hash%% *}
        [[ ! $hash =~ $is_hash ]] || return 0
    done
    fail 'none of `openssl`, `sha256sum` and `shasum` works here, and nothing is run unchecked: install one of them'
}

install_release() {
    local name=bivouac-$version-$target hash='-' folder='' to tool
    local from=${address%/}/$name.tar.gz
    for tool in curl tar gzip mktemp; do
        command -v "$tool" >/dev/null || fail "there is no \`$tool\` on PATH: install it, or $own"
    done
    make_work_folder
    download "$from" "$work/archive"
    take_hash "$work/archive"
    [[ $hash == "$archive_hash" ]] ||
        fail "\`$from\` is not the archive that RELEASE names, or a page in its place (its SHA-256 is $hash," \
            "not $archive_hash): nothing of it was used; see what answers there, or $own"
    # To standard output, so that what comes of it is a plain file, whatever the archive holds under that name.
    tar -xzOf "$work/archive" "$name/bivouac" >"$work/bivouac" 2>/dev/null && [[ -s $work/bivouac ]] ||
        fail "\`$from\` has no file \`$name/bivouac\` in it, or there is no room to unpack it in \`$folder\`: $remedy"
    take_hash "$work/bivouac"
    [[ $hash == "$program_hash" ]] ||
        fail "the program in \`$from\` is not the one that RELEASE names (its SHA-256 is $hash," \
            "not $program_hash): it was not run; $remedy"
    chmod 755 "$work/bivouac"
    to=$folder/bivouac
    # A rename would go into a folder of that name, or through a link to one.
    [[ ! -d $to ]] || rm -rf -- "$to"
    { mkdir -p -- "$folder" && mv -f -- "$work/bivouac" "$to"; } 2>/dev/null ||
        fail "\`$to\` can not be written: make room there, or see to its permissions"
    [[ -x $to ]] || fail "\`$to\` may not be run: set RUNNER_TOOL_CACHE to a file system that programs may be run on"
    program=$to
    origin='downloaded and checked'
}

# Makes the temporary folder on the disk where the program goes, so that the last step is a rename: the tool cache, and
# where that can not be written, the job's temporary folder. Sets the caller's `folder` to where the program goes.
make_work_folder() {
    local root near
    for root in "${RUNNER_TOOL_CACHE-}" "${RUNNER_TEMP-}"; do
        [[ $root == /* ]] || continue
        mkdir -p -- "$root" 2>/dev/null || continue
        folder=$root/bivouac/$version/$arch
        near=$folder
        until [[ -d $near ]]; do
            # Something else in the place of a folder: then the next one.
            [[ ! -e $near && ! -L $near ]] || continue 2
            near=${near%/*}
        done
        work=$(mktemp -d "$near/.setup.XXXXXX" 2>/dev/null) || continue
        return
    done
    fail 'neither RUNNER_TOOL_CACHE nor RUNNER_TEMP is a folder that can be written: there is no place for the program'
}

# Three attempts, except for what would only fail again.
download() {
    local why='' attempt code status protocol='=https' direct=''
    [[ $1 == https:* ]] || protocol='=http' direct='127.0.0.1,localhost,::1'
    for attempt in 1 2 3; do
        code=0
        # --disable: a .curlrc has no say. --proto-redir: nothing sends on to an address that is not encrypted.
        status=$(curl --disable --silent --show-error --fail --globoff --location --max-redirs 5 \
            --proto "$protocol" --proto-redir '=https' ${direct:+--noproxy "$direct"} \
            --connect-timeout 15 --max-time 120 --max-filesize 200000000 \
            --write-out '%{http_code}' --output "$2" -- "$1" 2>"$work/why") || code=$?
        [[ $code -ne 0 ]] || return 0
        # 1: a protocol that is not allowed; 22: the server said no; 47: too many redirects; 60: an unknown certificate.
        case $code:$status in
            22:408 | 22:429 | 22:5*) ;;
            1:* | 22:* | 47:* | 60:*) break ;;
            *) ;;
        esac
        [[ $attempt -eq 3 ]] || sleep "$attempt"
    done
    read -r why <"$work/why" || [[ -n $why ]] || why="curl ended with $code"
    fail "\`$1\` can not be downloaded (${why#curl: }): see that it is there and can be reached, or $remedy"
}

hand_over() {
    [[ $program != *[[:cntrl:]]* ]] ||
        fail 'the path of the program has a control character in it: set RUNNER_TOOL_CACHE and RUNNER_TEMP without'
    { printf 'path=%s\nversion=%s\n' "$program" "$version" >>"$GITHUB_OUTPUT"; } 2>/dev/null ||
        fail 'the file that GITHUB_OUTPUT names can not be written'
    printf 'bivouac %s %s\n' "$version" "$origin"
}

# Ends the step with the one annotation that says why.
fail() {
    told=yes
    annotate error "$*"
    exit 1
}

# Writes a workflow command. Nothing in the text ends the line, so nothing in it begins another command.
annotate() {
    local text=$2
    text=${text//%/%25}
    text=${text//$'\r'/%0D}
    text=${text//$'\n'/%0A}
    printf '::%s title=Bivouac setup::%s\n' "$1" "$text"
}

# shellcheck disable=SC2329 # The trap invokes it.
clean_up() {
    local status=$?
    [[ -z $work ]] || rm -rf -- "$work"
    [[ $status -eq 0 || -n $told ]] ||
        annotate error "the setup ended with $status where it should not: what it said is above; $remedy"
}

# A job that is cancelled ends through here too: without a trap of its own, a signal does not wait for curl.
trap clean_up EXIT
main
