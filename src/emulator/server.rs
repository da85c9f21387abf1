//! Takes requests in, asks the guard, and hands them to the part that they are for.

use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::accounts::Accounts;
use super::answer::Answer;
use super::bare::GitPrograms;
use super::connection::{Connections, Scissors};
use super::forge::Forge;
use super::traffic::{Guard, IncomingRequest, RequestKind, RequestLog, Verdict};
use super::{archive, git_http, graphql, rest};

/// The largest body that is taken: a push with everything in it.
const LARGEST_BODY: usize = 512 * 1024 * 1024;

/// What every request needs.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) forge: Forge,
    pub(super) accounts: Accounts,
    pub(super) git: Arc<GitPrograms>,
    pub(super) guard: Option<Guard>,
    pub(super) log: RequestLog,
    /// What the addresses of archives are good with.
    pub(super) archive_key: Arc<str>,
}

/// Answers until `stopped` is told or dropped.
pub(super) async fn serve(listener: TcpListener, context: Context, stopped: oneshot::Receiver<()>) {
    let router = Router::new().fallback(handle).with_state(context);
    let service = router.into_make_service_with_connect_info::<Scissors>();
    let ended = axum::serve(Connections(listener), service).with_graceful_shutdown(async {
        let _told_or_dropped = stopped.await;
    });
    // `serve` only returns when it is shut down; it has no failure of its own.
    let _never_fails = ended.await;
}

async fn handle(
    State(context): State<Context>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response {
    let Some(request) = read(request).await else {
        return Answer::text(413, "Payload Too Large").dated(context.forge.now()).into_response();
    };
    // What was heard is done, though who asked for it be gone meanwhile: forges do so.
    let done = tokio::spawn(async move { answered(&context, &scissors, request).await });
    done.await.unwrap_or_else(|_| Answer::text(500, "the emulator panicked").into_response())
}

async fn answered(context: &Context, scissors: &Scissors, request: IncomingRequest) -> Response {
    let identifier = context.log.arrived(&request);
    let (answer, most) = match answer(context, request).await {
        Ending::Whole(answer) => (answer, usize::MAX),
        Ending::Midway(answer, most) => (answer.with_header("connection", "close"), most),
        Ending::Cut => {
            scissors.cut();
            // It has to be something, and it never gets out.
            return Response::default();
        }
    };
    let sent = answer.body.len().min(most);
    if sent < answer.body.len() {
        scissors.cut_midway(sent);
    }
    context.log.answered(identifier, answer.status, sent);
    answer.dated(context.forge.now()).into_response()
}

/// What becomes of an answer.
enum Ending {
    Whole(Answer),
    /// The connection is closed after so many bytes of the body.
    Midway(Answer, usize),
    /// The connection is closed without a byte.
    Cut,
}

async fn read(request: Request) -> Option<IncomingRequest> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, LARGEST_BODY).await.ok()?;
    let headers = head.headers.iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let (path, query) = (head.uri.path().to_owned(), head.uri.query().unwrap_or_default().to_owned());
    Some(IncomingRequest::new(head.method.to_string(), path, query, headers.collect(), body.into()))
}

async fn answer(context: &Context, request: IncomingRequest) -> Ending {
    let request = Arc::new(request);
    match judge(context, &request).await {
        Some(Verdict::Pass) => Ending::Whole(take(context, &request).await),
        Some(Verdict::Answer(answer)) => Ending::Whole(answer),
        Some(Verdict::Drop) => Ending::Cut,
        Some(Verdict::AnswerAfter(answer)) => {
            take(context, &request).await;
            Ending::Whole(answer)
        }
        Some(Verdict::DropAfter) => {
            take(context, &request).await;
            Ending::Cut
        }
        Some(Verdict::DropMidway(most)) => Ending::Midway(take(context, &request).await, most),
        Some(Verdict::Delay(delay)) => {
            tokio::time::sleep(delay).await;
            Ending::Whole(take(context, &request).await)
        }
        None => Ending::Whole(Answer::text(500, "the guard panicked")),
    }
}

/// What the guard says; nothing when it panics.
async fn judge(context: &Context, request: &Arc<IncomingRequest>) -> Option<Verdict> {
    let Some(guard) = context.guard.clone() else {
        return Some(Verdict::Pass);
    };
    let seen = Arc::clone(request);
    tokio::task::spawn_blocking(move || guard(&seen)).await.ok()
}

async fn take(context: &Context, request: &Arc<IncomingRequest>) -> Answer {
    let answer = match request.kind {
        RequestKind::Git => return git_http::answer(context, request).await,
        RequestKind::Api => rest::answer,
        RequestKind::Graphql => graphql::answer,
        RequestKind::Archive => archive::answer,
    };
    // They read and write files, and wait for each other's locks.
    let (context, request) = (context.clone(), Arc::clone(request));
    let answered = tokio::task::spawn_blocking(move || answer(&context, &request)).await;
    answered.unwrap_or_else(|_| Answer::text(500, "the emulator panicked"))
}
