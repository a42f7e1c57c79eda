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
    api
}

/// The route.
pub(crate) fn routes() -> Router {
    Router::new().route("/v1/openapi.json", get(async || axum::Json(document())))
}
