//! Takes requests in, asks the guard, and hands them to the part that they are for.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::accounts::Account;
use super::answer::Answer;
use super::bare::GitPrograms;
use super::forge::Forge;
use super::traffic::{Guard, IncomingRequest, RequestKind, RequestLog, Verdict};
use super::{git_http, graphql, rest};

/// The largest body that is taken: a push with everything in it.
const LARGEST_BODY: usize = 512 * 1024 * 1024;

/// What every request needs.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) forge: Forge,
    pub(super) accounts: Arc<[Account]>,
    pub(super) git: Arc<GitPrograms>,
    pub(super) guard: Option<Guard>,
    pub(super) log: RequestLog,
}

/// Answers until `stopped` is told or dropped.
pub(super) async fn serve(listener: TcpListener, context: Context, stopped: oneshot::Receiver<()>) {
    // Without this the second write of an answer waits some 40 ms for the client's delayed acknowledgement.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let router = Router::new().fallback(handle).with_state(context);
    let ended = axum::serve(listener, router).with_graceful_shutdown(async {
        let _told_or_dropped = stopped.await;
    });
    // `serve` only returns when it is shut down; it has no failure of its own.
    let _never_fails = ended.await;
}

async fn handle(State(context): State<Context>, request: Request) -> Response {
    let Some(request) = read(request).await else {
        return Answer::text(413, "Payload Too Large").into_response();
    };
    let identifier = context.log.arrived(&request);
    let answer = answer(&context, request).await;
    context.log.answered(identifier, answer.status);
    answer.into_response()
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

async fn answer(context: &Context, request: IncomingRequest) -> Answer {
    let request = Arc::new(request);
    if let Some(guard) = context.guard.clone() {
        let seen = Arc::clone(&request);
        match tokio::task::spawn_blocking(move || guard(&seen)).await {
            Ok(Verdict::Pass) => {}
            Ok(Verdict::Answer { status, content_type, body }) => return Answer::new(status, &content_type, body),
            Err(_) => return Answer::text(500, "the guard panicked"),
        }
    }
    match request.kind {
        RequestKind::Api => rest::answer(context, &request),
        RequestKind::Graphql => graphql::answer(context, &request),
        RequestKind::Git => git_http::answer(context, &request).await,
    }
}
