//! Hours as they stand in JSON: their text.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::Hours;

impl Serialize for Hours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Hours, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|fault| D::Error::custom(format!("hours: {fault}")))
    }
}
