//! The API's description, OpenAPI 3.1, put together from the rooms' parts.

use analytics::compare::http::ComparisonsApi;
use analytics::http::MetricsApi;
use analytics::portrait::PortraitsApi;
use analytics::quality::http::DataQualityApi;
use axum::Router;
use axum::routing::get;
use dashboards::feed::FeedApi;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};

use crate::server::collections_route::CollectionsApi;
use crate::server::facts_route::FactsApi;
use crate::server::hooks_route::HooksApi;
use crate::server::inbox_route::InboxApi;
use crate::server::sources_route::SourcesApi;
use crate::server::value_route::ValueApi;

#[derive(OpenApi)]
#[openapi(info(
    title = "Cairn",
    description = "Platform metrics with their uncertainty. Reading needs no token where the server listens on loopback, the \
        request is for localhost, 127.0.0.1 or [::1], and no proxy passed it on; all else needs one, as Bearer or as the \
        password of Basic. Pushes are signed instead."
))]
struct Api;

/// The description.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut api = Api::openapi();
    api.merge(MetricsApi::openapi());
    api.merge(FeedApi::openapi());
    api.merge(ComparisonsApi::openapi());
    api.merge(PortraitsApi::openapi());
    api.merge(DataQualityApi::openapi());
    api.merge(FactsApi::openapi());
    api.merge(HooksApi::openapi());
    api.merge(InboxApi::openapi());
    api.merge(SourcesApi::openapi());
    api.merge(CollectionsApi::openapi());
    api.merge(ValueApi::openapi());
    let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    api.components.get_or_insert_default().add_security_scheme("token", bearer);
    say_what_tokens_answer(&mut api);
    api
}

/// Adds what `auth.rs` answers, before any route does: it stands around them all, so it is described in one place.
fn say_what_tokens_answer(api: &mut utoipa::openapi::OpenApi) {
    let needed = refusal("a token is needed, or the one that was sent is not known");
    let reads_only = refusal("the token allows reading only");
    for item in api.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let is_writing = operation.security.is_some();
            let responses = &mut operation.responses.responses;
            responses.entry("401".to_owned()).or_insert_with(|| RefOr::T(needed.clone()));
            if is_writing {
                responses.entry("403".to_owned()).or_insert_with(|| RefOr::T(reads_only.clone()));
            }
        }
    }
}

fn refusal(description: &str) -> Response {
    let body = Content::new(Some(Ref::from_schema_name("ErrorBody")));
    ResponseBuilder::new().description(description).content("application/json", body).build()
}

/// The route.
pub(crate) fn routes() -> Router {
    Router::new().route("/v1/openapi.json", get(async || axum::Json(document())))
}
