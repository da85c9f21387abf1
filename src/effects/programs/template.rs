//! A chart templated by helm.

use std::path::Path;
use std::time::Duration;

use super::Folder;
use super::run;
use crate::domain::checks::Manifest;
use crate::domain::checks::build::Failure;
use crate::domain::checks::chart::{self, Chart, ChartSource};
use crate::domain::yaml;
use crate::effects::scratch::Scratch;
use crate::ports::RenderError;

pub(super) async fn template(
    helm: &Path,
    limit: Duration,
    folder: &Folder,
    chart: &Chart,
) -> Result<Result<Vec<Manifest>, Failure>, RenderError> {
    let local = match &chart.source {
        ChartSource::Folder(path) => Some(path),
        _ => None,
    };
    let local_error = |why: std::io::Error| RenderError::Local { message: why.to_string() };
    let values = Scratch::file(&yaml::write(&chart.values)).map_err(local_error)?;
    // An old helm takes a folder that is called as the chart for it, if it stands where such a one is.
    let nowhere = Scratch::folder().map_err(local_error)?;
    let mut command = run::command(helm);
    command.current_dir(nowhere.path());
    command.args(["template", "--skip-tests", "--include-crds", "--namespace", &chart.namespace]);
    for file in &chart.values_files {
        command.arg("--values").arg(folder.place(file));
    }
    command.arg("--values").arg(values.path());
    if let Some(version) = &chart.kubernetes {
        command.args(["--kube-version", version]);
    }
    let (place, version) = match &chart.source {
        ChartSource::Folder(path) => (folder.place(path).to_string_lossy().into_owned(), None),
        ChartSource::Oci { url, version } => (url.clone(), version.as_ref()),
        ChartSource::Repository { url, name, version } => {
            command.args(["--repo", url]);
            (name.clone(), version.as_ref())
        }
    };
    if let Some(version) = version {
        command.args(["--version", version]);
    }
    // Whatever these begin with, they are no options.
    command.args(["--", &chart.release, &place]);
    let clean = |words: &str| {
        let tree = folder.path.to_string_lossy().into_owned();
        let values = values.path().to_string_lossy().into_owned();
        words.trim().replace(&format!("{tree}/"), "").replace(&values, "the preview's values")
    };
    let failed = |words: String| Failure { place: chart::place(&words, local), words };
    Ok(match run::run(command, limit).await? {
        Ok(printed) => {
            chart::manifests(&printed, local).map_err(|why| failed(format!("what helm printed can not be read: {why}")))
        }
        Err(words) => Err(failed(clean(&words).trim_start_matches("Error: ").to_owned())),
    })
}
