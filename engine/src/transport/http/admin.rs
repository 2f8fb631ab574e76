//! Administration.
use std::sync::Arc;

use axum::Router;

use crate::transport::reception::Reception;

/// Routes.
pub fn routes() -> Router<Arc<Reception>> {
    Router::new()
}
