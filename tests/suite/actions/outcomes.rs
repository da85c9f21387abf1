//! Red where it must be red, green where it must be green, and what people read of it.

use bivouac::emulator::NewPullRequest;
use serde_json::json;

use super::Caller;
use crate::world::{APPLICATION, TOKEN, WEBHOOKS, sha};

/// A workflow with one job that runs an action.
fn using(action: &str, with: &str) -> String {
    format!("name: Ours\non: pull_request\njobs:\n{}", job("ours", action, with))
}

/// A job that runs an action.
fn job(id: &str, action: &str, with: &str) -> String {
    format!(
        "  {id}:\n    runs-on: ubuntu-latest\n    steps:\n      \
         - id: it\n        uses: bivouac-dev/bivouac/actions/{action}@PIN\n        with: {with}\n"
    )
}

#[test]
fn a_refusal_is_green_and_says_why() {
    let caller = Caller::with_workflows();
    caller.world.open(7, &sha('a'));
    caller.world.emulator.forge().label(APPLICATION, 7, "no-preview").unwrap();
    let ended = caller.pull_request("preview.yml", "opened", 7, &sha('a')).green();
    assert_eq!(ended.output("deploy.result"), "refused");
    assert_eq!(ended.output("deploy.url"), "");
    assert!(
        ended.log.contains("::notice title=Preview pr-7::refused: the pull request has the label"),
        "{}",
        ended.log
    );
}

#[test]
fn nothing_is_built_or_deployed_for_a_fork_or_for_dependabot() {
    let caller = Caller::with_workflows();
    let mut fork = WEBHOOKS.pull_request("opened").numbered(7).at(&sha('a')).in_repository(APPLICATION).into_value();
    let mut dependabot = fork.clone();
    fork["pull_request"]["head"]["repo"]["full_name"] = json!("stranger/wildside");
    dependabot["pull_request"]["user"]["login"] = json!("dependabot[bot]");
    for (workflow, name, event) in [
        ("preview.yml", "pull_request", &fork),
        ("preview.yml", "pull_request", &dependabot),
        ("preview-teardown.yml", "pull_request_target", &dependabot),
    ] {
        let ended = caller.run(workflow, name, event).green();
        assert!(ended.jobs.is_empty(), "{:?}", ended.jobs);
    }
    assert_eq!(caller.said_to("docker"), "");
    assert!(caller.world.emulator.requests().is_empty());
}

#[test]
fn the_end_of_a_forks_pull_request_that_has_no_preview_is_green_and_says_nothing() {
    let caller = Caller::with_workflows();
    let world = &caller.world;
    let fork = Some("stranger/wildside".to_owned());
    let new = NewPullRequest { number: Some(7), fork, ..NewPullRequest::from_branch("patch-1", sha('a')) };
    world.emulator.forge().open_pull_request(APPLICATION, new).unwrap();
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    let tip = world.tip();
    let event = WEBHOOKS.pull_request("closed").coming_from_fork("stranger/wildside").in_repository(APPLICATION);
    let event = event.numbered(7).at(&sha('a')).into_value();
    let ended = caller.run("preview-teardown.yml", "pull_request_target", &event).green();
    assert_eq!(ended.output("teardown.result"), "absent");
    assert_eq!((world.tip(), world.comments(7)), (tip, Vec::new()));
}

#[test]
fn an_image_that_does_not_build_is_red_and_nothing_is_deployed() {
    let caller = Caller::with_workflows();
    caller.program("docker", "[ \"$1\" = login ]");
    caller.world.open(7, &sha('a'));
    let ended = caller.pull_request("preview.yml", "opened", 7, &sha('a')).red();
    assert_eq!(ended.jobs["images"], "failure");
    assert!(!ended.jobs.contains_key("deploy"));
    assert_eq!(caller.world.comments(7), Vec::<String>::new());
}

#[test]
fn an_image_that_is_there_is_not_built_again() {
    let caller = Caller::with_workflows();
    caller.program("docker", "echo \"$*\" >> \"$HOME/docker.log\"");
    caller.world.open(7, &sha('a'));
    caller.pull_request("preview.yml", "labeled", 7, &sha('a')).green();
    assert!(!caller.said_to("docker").contains("build"), "{}", caller.said_to("docker"));
}

#[test]
fn a_pull_request_that_closed_meanwhile_builds_nothing_and_loses_its_preview() {
    let caller = Caller::with_workflows();
    caller.world.open(7, &sha('a'));
    caller.world.deploy(7, &sha('a')).ok();
    caller.world.emulator.forge().close(APPLICATION, 7).unwrap();
    let mut event = WEBHOOKS.pull_request("labeled").numbered(7).at(&sha('a')).in_repository(APPLICATION).into_value();
    event["pull_request"]["state"] = json!("closed");
    let ended = caller.run("preview.yml", "pull_request", &event).green();
    assert_eq!(ended.output("deploy.result"), "removed");
    assert_eq!(caller.said_to("docker"), "");
}

#[test]
fn a_failure_is_red_with_one_error_that_names_the_cause() {
    let mut caller = Caller::with_workflows();
    caller.world.open(7, &sha('a'));
    caller.set_variable("BIVOUAC_APPS_REPOSITORY", "");
    let ended = caller.pull_request("preview.yml", "opened", 7, &sha('a')).red();
    assert!(ended.log.contains("::error title=Bivouac::the apps repository is not named"), "{}", ended.log);
    assert_eq!(ended.log.matches("::error ").count(), 1, "{}", ended.log);

    caller.set_variable("BIVOUAC_APPS_REPOSITORY", "acme/apps");
    caller.set_secret("BIVOUAC_APPS_TOKEN", "expired");
    let ended = caller.pull_request("preview.yml", "opened", 7, &sha('a')).red();
    assert!(ended.log.contains("does not accept the credentials"), "{}", ended.log);
    assert_eq!(ended.output("deploy.result"), "");
}

#[test]
fn a_deploy_by_hand_is_for_the_pull_request_that_was_named() {
    let caller = Caller::with_workflows();
    caller.world.open(7, &sha('a'));
    let ended = caller.dispatch("preview-by-hand.yml", &json!({"pull-request": "7"})).green();
    assert_eq!(ended.output("deploy.result"), "created");
    let ended = caller.dispatch("preview-by-hand.yml", &json!({"pull-request": "$(id)"})).red();
    assert!(ended.log.contains("is not the number of a pull request"), "{}", ended.log);
}

#[test]
fn the_summary_shows_what_came_of_it() {
    let caller = Caller::new();
    caller.world.open(7, &sha('a'));
    caller.add_workflow("ours.yml", &using("deploy", "{apps-repository: acme/apps}"));
    let ended = caller.pull_request("ours.yml", "opened", 7, &sha('a')).green();
    assert!(ended.summary.starts_with("### Preview `pr-7`: created\n"), "{}", ended.summary);
    caller.add_workflow("ours.yml", &using("list", "{apps-repository: acme/apps}"));
    let ended = caller.pull_request("ours.yml", "opened", 7, &sha('a')).green();
    assert!(ended.summary.starts_with("### Previews of wildside: 1\n\n| NAME "), "{}", ended.summary);
}

#[test]
fn a_token_from_a_file_is_masked_in_all_that_follows() {
    let mut caller = Caller::new();
    // The runner masks its secrets by itself: this token is none of them.
    caller.set_secret("BIVOUAC_APPS_TOKEN", "");
    caller.set_secret("GITHUB_TOKEN", "another-token");
    let file = caller.machine.path().join("token");
    std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
    caller.world.open(7, &sha('a'));
    let with = json!({"apps-repository": "acme/apps", "apps-token-file": file, "github-token-file": file});
    let workflow = using("deploy", &with.to_string());
    caller.add_workflow("ours.yml", &format!("{workflow}      - run: cat {}\n", file.display()));
    let ended = caller.pull_request("ours.yml", "opened", 7, &sha('a')).green();
    assert_eq!(ended.output("it.result"), "created");
    let shown: Vec<_> = ended.all.lines().filter(|line| line.contains(TOKEN) && !line.contains("add-mask")).collect();
    assert!(shown.is_empty(), "{shown:#?}");
}

#[test]
fn hostile_inputs_reach_no_shell_and_no_log_command() {
    let caller = Caller::new();
    caller.world.open(7, &sha('a'));
    let proof = caller.machine.path().join("proof");
    let touch = format!("touch {}", proof.display());
    for hostile in [
        format!("$({touch})"),
        format!("`{touch}`"),
        format!("'; {touch}; '"),
        format!("\"; {touch}; \""),
        format!("--dry-run\n::set-output name=result::created\n::add-mask::e\n; {touch}"),
        "x\r::error title=Forged::y\r\n::error title=Forged::z".to_owned(),
        "${{ github.token }}".to_owned(),
    ] {
        let mut workflow = String::from("name: Ours\non: pull_request\njobs:\n");
        for input in ["apps-repository", "path", "author", "images", "binary", "mirror", "patience"] {
            let mut with = json!({"apps-repository": "acme/apps", "dry-run": "true"});
            with[input] = json!(hostile);
            workflow.push_str(&job(input, "deploy", &with.to_string()));
        }
        caller.add_workflow("ours.yml", &workflow);
        let ended = caller.pull_request("ours.yml", "opened", 7, &sha('a')).red();
        assert_eq!(ended.output("it.result"), "", "{hostile}: {}", ended.log);
        // It may be quoted, but no line begins with it, behind what act puts before a command.
        let mut lines = ended.log.split(['\r', '\n']).map(|line| line.trim_start_matches([' ', '\u{2757}']));
        assert!(!lines.any(|line| line.starts_with("::error title=Forged")), "{hostile}: {}", ended.log);
        assert!(!proof.exists(), "{hostile}");
    }
}

#[test]
fn directories_without_an_image_are_none_and_what_is_no_directory_is_told() {
    let mut caller = Caller::with_workflows();
    caller.world.open(7, &sha('a'));
    caller.set_variable("BIVOUAC_IMAGE_DIRECTORIES", " [ ] ");
    let ended = caller.pull_request("preview.yml", "opened", 7, &sha('a')).green();
    assert_eq!((ended.output("deploy.result"), ended.jobs.contains_key("images")), ("created", false));
    for hostile in ["", "..", "a/../b", "./a", "a/", "a b", "--help", "$(touch x)", "a\nb", "a:b", "a#b"] {
        caller.set_variable("BIVOUAC_IMAGE_DIRECTORIES", &json!([hostile]).to_string());
        let ended = caller.pull_request("preview.yml", "synchronize", 7, &sha('a')).red();
        assert!(ended.log.contains("::error title=Images::"), "{hostile:?}: {}", ended.log);
    }
    assert_eq!(caller.said_to("docker"), "");
}

#[test]
fn a_program_that_the_runners_have_is_named_once_for_all_workflows() {
    let mut caller = Caller::with_workflows();
    caller.set_variable("BIVOUAC_BINARY", env!("CARGO_BIN_EXE_bivouac"));
    caller.world.open(7, &sha('a'));
    for (workflow, action) in [("preview.yml", "opened"), ("preview-teardown.yml", "closed")] {
        let ended = caller.pull_request(workflow, action, 7, &sha('a')).green();
        assert!(ended.log.contains("from the input `binary`"), "{workflow}: {}", ended.log);
    }
    let swept = caller.run("preview-sweep.yml", "schedule", &json!({})).green();
    assert!(swept.log.contains("from the input `binary`"), "{}", swept.log);
}

#[test]
fn a_called_workflow_says_that_it_can_do_nothing_with_an_event() {
    let caller = Caller::new();
    for workflow in ["preview.yml", "preview-teardown.yml"] {
        let text = format!(
            "name: Ours\non: push\njobs:\n  ours:\n    uses: bivouac-dev/bivouac/.github/workflows/{workflow}@PIN\n    \
             with: {{image-directories: '[]'}}\n    secrets: inherit\n"
        );
        caller.add_workflow("ours.yml", &text);
        let ended = caller.run("ours.yml", "push", &json!({"ref": "refs/heads/main"})).red();
        assert!(ended.log.contains("run it in a workflow for `pull_request`"), "{workflow}: {}", ended.log);
    }
}
