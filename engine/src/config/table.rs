//! The macro that makes the settings' structures, their list and their setters out of the one table.

/// One row of the table.
pub struct Key {
    /// `section.name`, as in the file.
    pub path: &'static str,
    /// What it means, its unit, its bounds.
    pub doc: &'static str,
    /// The default, as in the environment.
    pub default: &'static str,
    /// The smallest and largest number, where it is one.
    pub bounds: Option<(u64, u64)>,
}

/// One section of the table.
pub struct Section {
    /// Its name in the file.
    pub name: &'static str,
    /// What its settings are about.
    pub doc: &'static str,
    /// Its rows.
    pub keys: &'static [Key],
}

macro_rules! settings {
    ($(
        $(#[doc = $section_doc:literal])+
        $section:ident: $struct:ident {
            $($(#[doc = $doc:literal])+ $name:ident: $ty:ty = $default:literal $(, $min:literal ..= $max:literal)?;)+
        }
    )+) => {
        $(
            $(#[doc = $section_doc])+
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $struct { $($(#[doc = $doc])+ pub $name: $ty,)+ }
        )+

        /// Every setting.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Settings { $($(#[doc = $section_doc])+ pub $section: $struct,)+ }

        impl Settings {
            /// The table, in the order of the example file.
            pub const TABLE: &'static [$crate::config::table::Section] = &[$(
                $crate::config::table::Section {
                    name: stringify!($section),
                    doc: concat!($($section_doc),+),
                    keys: &[$(
                        $crate::config::table::Key {
                            path: concat!(stringify!($section), ".", stringify!($name)),
                            doc: concat!($($doc),+),
                            default: $default,
                            bounds: $crate::config::table::first(&[$(($min, $max))?]),
                        },
                    )+],
                },
            )+];

            /// Sets one by its path out of text; the error says what is expected.
            pub(crate) fn set(&mut self, key: &$crate::config::table::Key, text: &str) -> Result<(), String> {
                match key.path {
                    $($(
                        concat!(stringify!($section), ".", stringify!($name)) => {
                            self.$section.$name = $crate::config::value::within(text, key.bounds)?;
                        }
                    )+)+
                    other => unreachable!("{other} is not in the table"),
                }
                Ok(())
            }

            /// One by its path, as it would stand in the file; a secret hidden.
            pub fn shown(&self, path: &str) -> Option<String> {
                match path {
                    $($(
                        concat!(stringify!($section), ".", stringify!($name)) => {
                            Some($crate::config::Value::shown(&self.$section.$name))
                        }
                    )+)+
                    _ => None,
                }
            }
        }

        impl Default for Settings {
            fn default() -> Settings {
                const PARSES: &str = "a test parses every default of the table";
                Settings { $($section: $struct {
                    $($name: <$ty as $crate::config::Value>::parse($default).expect(PARSES),)+
                },)+ }
            }
        }
    };
}
pub(super) use settings;

/// The bounds of a row, out of the none or one that the table gives.
pub(super) const fn first(bounds: &[(u64, u64)]) -> Option<(u64, u64)> {
    match bounds {
        [] => None,
        [bounds, ..] => Some(*bounds),
    }
}
