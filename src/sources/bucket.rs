//! The way to an object store. Left to itself its client follows redirects to wherever they lead, and takes for the bucket's
//! what it finds there.

use std::pin::Pin;

use collectors::pull::{client_of_objects, elsewhere, reasons};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};

/// An object store's errors each repeat what they come from.
pub(super) fn told_once(error: object_store::Error) -> anyhow::Error {
    anyhow::anyhow!(reasons(&error))
}

/// Makes clients that follow no redirects.
#[derive(Debug)]
pub(super) struct OneOrigin;

#[derive(Debug)]
struct Client(HttpClient);

impl HttpConnector for OneOrigin {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = client_of_objects()
            .map_err(|error| object_store::Error::Generic { store: "S3", source: Box::new(error) })?;
        Ok(HttpClient::new(Client(HttpClient::new(client))))
    }
}

impl HttpService for Client {
    fn call<'own, 'work>(
        &'own self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'work>>
    where
        'own: 'work,
    {
        Box::pin(async move {
            let response = self.0.execute(request).await?;
            let to = response.headers().get("location").and_then(|to| to.to_str().ok());
            if response.status().is_redirection() && to.is_some() {
                let told = std::io::Error::other(format!("{}: {}", response.status().as_u16(), elsewhere(to)));
                return Err(HttpError::new(HttpErrorKind::Unknown, told));
            }
            Ok(response)
        })
    }
}
