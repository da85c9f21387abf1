//! The workflows of an application repository: what every job that runs Bivouac may do, and what is unsafe in it.

mod document;

use super::permissions::{Deployments, FOR_BUILDS, Given, Permission, needed};
use super::{Diagnosis, Topic};
use document::{Job, Step, Workflow};

/// The largest file that is read, in bytes. GitHub's own limit is 512 KiB.
pub const LARGEST: usize = 512 * 1024;

/// What there is to say of all workflows: each by its name, with its text or why that can not be read.
#[must_use]
pub fn judge(files: &[(String, Result<String, String>)]) -> Vec<Diagnosis> {
    let (mut found, mut runs) = (Vec::new(), 0);
    for (name, text) in files {
        let read = text.as_ref().map_err(Clone::clone).and_then(|text| Workflow::parse(text));
        match read {
            Ok(workflow) => {
                let jobs: Vec<_> = workflow.jobs.iter().filter(|job| job.runs_bivouac()).collect();
                runs += jobs.len();
                found.extend(jobs.into_iter().flat_map(|job| of_job(name, &workflow, job)));
                found.extend(workflow.jobs.iter().filter_map(|job| of_foreign_code(name, &workflow, job)));
            }
            Err(why) => {
                let what = format!("`{name}` can not be read: {why}");
                found.push(Diagnosis::set_up(Topic::Workflows, what, "put it right: GitHub does not run it either"));
            }
        }
    }
    if runs == 0 {
        let mend = "`bivouac init --workflows` writes them; `--workflows` names another folder";
        found.push(Diagnosis::unknown(Topic::Workflows, "no job here runs Bivouac", mend));
    }
    found
}

/// What there is to say of a job that runs Bivouac.
fn of_job(file: &str, workflow: &Workflow, job: &Job) -> Vec<Diagnosis> {
    let (topic, shown) = (Topic::Workflows, format!("`{file}`, job `{}`", job.name));
    let mut found = Vec::new();
    match Given::merged(workflow.permissions.as_ref(), job.permissions.as_ref()) {
        Err(why) => {
            let mend = "write what the job needs: docs/actions/permissions.md";
            found.push(Diagnosis::set_up(topic, format!("{shown}: `permissions` can not be read: {why}"), mend));
        }
        Ok(given) => found.push(of_permissions(&shown, workflow, job, &given)),
    }
    let movable: Vec<_> = job.uses().filter(|uses| is_movable(uses)).map(|uses| format!("`{uses}`")).collect();
    if !movable.is_empty() {
        let what = format!("{shown}: {} can be moved by whoever owns it", movable.join(", "));
        let mend = "pin it to a commit: `uses: owner/name@` and 40 digits";
        found.push(Diagnosis::advice(topic, what, mend));
    }
    found
}

fn of_permissions(shown: &str, workflow: &Workflow, job: &Job, given: &Given) -> Diagnosis {
    let topic = Topic::Workflows;
    let (mut verbs, mut all) = (Vec::new(), Vec::new());
    for (verb, step) in job.verbs() {
        let deployments = step.map_or(Deployments::Unknown, |step| step.deployments(workflow, job));
        let is_own = step.is_none_or(|step| step.has_own_token(workflow, job));
        let mut wanted = needed(&verb, deployments).unwrap_or_default();
        wanted.extend(for_builds(&verb, step, workflow, job));
        all.extend(wanted.into_iter().filter(|need| is_own && !all.contains(need)).collect::<Vec<_>>());
        verbs.push(format!("`{verb}`"));
    }
    let mend = |needs: &[Permission]| {
        let lines: Vec<_> = needs.iter().map(|(name, level)| format!("{name}: {level}")).collect();
        format!("give the job `permissions: {{{}}}`", lines.join(", "))
    };
    let lacks = given.lacks(&all);
    if !lacks.is_empty() {
        let missing: Vec<_> = lacks.iter().map(|(name, level)| format!("`{name}: {level}`")).collect();
        let what = format!("{shown}: {} needs {}", verbs.join(" and "), missing.join(" and "));
        return Diagnosis::set_up(topic, what, mend(&all));
    }
    if *given == Given::Default && !all.is_empty() {
        let what = format!("{shown} says no `permissions`: it has what the repository gives by default");
        return Diagnosis::unknown(topic, what, mend(&all));
    }
    Diagnosis::fine(topic, format!("{shown} has what {} needs", verbs.join(" and ")))
}

/// What a verb needs besides, where it takes images from the builds of forks.
fn for_builds(verb: &str, step: Option<&Step>, workflow: &Workflow, job: &Job) -> Vec<Permission> {
    let publishes = step.map_or_else(|| job.calls_publisher(), |step| step.publishes(workflow, job));
    if !publishes || !matches!(verb, "deploy" | "command") {
        return Vec::new();
    }
    let has_login = step.is_some_and(|step| step.has_registry_login(workflow, job));
    FOR_BUILDS.into_iter().filter(|(name, _)| *name != "packages" || !has_login).collect()
}

/// These events run a workflow with the secrets of the repository, whoever's pull request it is.
fn of_foreign_code(file: &str, workflow: &Workflow, job: &Job) -> Option<Diagnosis> {
    let event = ["pull_request_target", "workflow_run", "issue_comment"].into_iter().find(|on| workflow.is_on(on))?;
    job.steps.iter().any(Step::checks_out_the_head).then(|| {
        let what = format!(
            "`{file}`, job `{}` checks out the head of a pull request on `{event}`: anybody's code gets the secrets",
            job.name
        );
        let mend = "use `pull_request`, or check nothing of the head out";
        Diagnosis::blocking(Topic::Workflows, what, mend)
    })
}

/// Whether what is used can be another thing tomorrow.
fn is_movable(uses: &str) -> bool {
    if uses.starts_with("./") {
        return false;
    }
    if let Some(image) = uses.strip_prefix("docker://") {
        return !image.contains("@sha256:");
    }
    let pin = uses.rsplit_once('@').map_or("", |(_, pin)| pin);
    !(pin.len() == 40 && pin.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests;
